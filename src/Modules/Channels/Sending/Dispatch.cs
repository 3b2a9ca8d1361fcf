using Notify.Contracts.Rules;

namespace Notify.Channels.Sending;

/// <summary>A notification made ready for its platform.</summary>
/// <param name="Requests">The exact bodies, one for each message of the pace.</param>
/// <param name="SendAsync">Sends one of them.</param>
/// <param name="RepeatIsSafe">The platform shows a message only once, even when its request comes twice.</param>
public sealed record Dispatch(IReadOnlyList<string> Requests, Func<int, CancellationToken, Task<SendOutcome>> SendAsync, bool RepeatIsSafe)
{
    /// <summary>Whether a request, by its number from 0, is for this receiver of the letter. Each is for all of them, unless the platform takes only
    /// so many at once.</summary>
    public Func<int, Receiver, bool> IsFor { get; init; } = (_, _) => true;
}
