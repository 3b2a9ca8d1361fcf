using Notify.Channels.Sending;
using Notify.Channels.Texts;

namespace Notify.Channels.Connections;

/// <summary>Asks the platform whether a service's settings are valid, without notifying anybody.</summary>
public interface IConnectionTest
{
    /// <summary>What the platform can be asked, in order; it ends with what fails.</summary>
    /// <param name="routes">Of the service, as this channel made them.</param>
    IAsyncEnumerable<ConnectionCheck> TestAsync(IRoutes routes, CancellationToken cancellation);
}

/// <summary>One question and its answer.</summary>
/// <param name="Call">Of the platform: <c>gettoken</c>, <c>EHLO</c>.</param>
/// <param name="Passed">Null: it could not be asked, and says nothing of the settings.</param>
/// <param name="Lines">What was said, line by line. Secrets are struck out of them before anybody sees them.</param>
/// <param name="Code">The platform's; null when the answer held none.</param>
/// <param name="Explained">What it means and what to do about it; null when all is well.</param>
public sealed record ConnectionCheck(string Call, bool? Passed, IReadOnlyList<string> Lines, string? Code = null, Explained? Explained = null);
