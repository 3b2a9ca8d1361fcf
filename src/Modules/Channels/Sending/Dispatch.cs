using Notify.Contracts.Rules;

namespace Notify.Channels.Sending;

/// <summary>A notification prepared for its platform.</summary>
/// <param name="Requests">The exact bodies; each counts as a message towards the rate limits.</param>
/// <param name="SendAsync">Sends the request with this index.</param>
/// <param name="RepeatIsSafe">Whether the platform shows a message only once even if its request is repeated.</param>
public sealed record Dispatch(IReadOnlyList<string> Requests, Func<int, CancellationToken, Task<SendOutcome>> SendAsync, bool RepeatIsSafe)
{
    /// <summary>Whether the request with this index, from 0, is for this receiver of the letter. Each is for all of them, unless the platform limits
    /// the receivers of a request.</summary>
    public Func<int, Receiver, bool> IsFor { get; init; } = (_, _) => true;
}
