using Notify.Channels.Sending;
using Notify.Channels.Texts;

namespace Notify.Channels.Connections;

/// <summary>Verifies a service's settings with the platform, without notifying anybody.</summary>
public interface IConnectionTest
{
    /// <summary>Performs the possible checks in order, up to the first that fails.</summary>
    /// <param name="routes">The service's routes, made by this channel.</param>
    IAsyncEnumerable<ConnectionCheck> TestAsync(IRoutes routes, CancellationToken cancellation);
}

/// <summary>One check and its result.</summary>
/// <param name="Call">The platform's call or command, such as <c>gettoken</c> or <c>EHLO</c>.</param>
/// <param name="Passed">Null: the check was not possible, which says nothing about the settings.</param>
/// <param name="Lines">The dialogue, line by line. Secrets are removed before anybody sees it.</param>
/// <param name="Code">The platform's code; null if the answer contained none.</param>
/// <param name="Explained">What the code means and what to do about it; null if the check passed.</param>
public sealed record ConnectionCheck(string Call, bool? Passed, IReadOnlyList<string> Lines, string? Code = null, Explained? Explained = null);
