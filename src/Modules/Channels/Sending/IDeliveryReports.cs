namespace Notify.Channels.Sending;

/// <summary>
/// Reads a platform's delivery reports about messages that it has accepted. A report is only a hint: the messages that it names are queried at once
/// instead of later, so a repeated, late or missing report does no harm.
/// </summary>
public interface IDeliveryReports
{
    /// <param name="routes">The routes of the service that the address names, made by this channel.</param>
    /// <returns>The platform's ids of the messages that it reports on; null: the report is not signed by the platform.</returns>
    ValueTask<IReadOnlyList<string>?> ReadAsync(PlatformReport report, IRoutes routes, CancellationToken cancellation);
}

/// <param name="Address">The URL that the platform was given (<see cref="Letter.ReportTo"/>): proxies change that of the request.</param>
/// <param name="Header">Returns the value of a header; null if there is none.</param>
public sealed record PlatformReport(Uri Address, Func<string, string?> Header, ReadOnlyMemory<byte> Body);
