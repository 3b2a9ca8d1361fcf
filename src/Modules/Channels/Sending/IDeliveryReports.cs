namespace Notify.Channels.Sending;

/// <summary>
/// Reads what a platform reports by itself of messages that it has accepted. A report changes nothing by itself: the messages named in it are queried
/// at once instead of later, so a report that comes twice, late or not at all does no harm.
/// </summary>
public interface IDeliveryReports
{
    /// <param name="routes">Of the service that the address names, as this channel made them.</param>
    /// <returns>The messages that it reports on, by the platform's ids; null: the platform did not sign it.</returns>
    ValueTask<IReadOnlyList<string>?> ReadAsync(PlatformReport report, IRoutes routes, CancellationToken cancellation);
}

/// <param name="Address">To which it was sent, as the platform was told (<see cref="Letter.ReportTo"/>): proxies change that of the request.</param>
/// <param name="Header">The value of a header; null when there is none.</param>
public sealed record PlatformReport(Uri Address, Func<string, string?> Header, ReadOnlyMemory<byte> Body);
