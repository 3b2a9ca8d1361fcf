namespace Notify.Channels.Sending;

/// <summary>A notification made ready for its platform.</summary>
/// <param name="Requests">The exact bodies, one for each message of the pace.</param>
/// <param name="SendAsync">Sends one of them.</param>
/// <param name="RepeatIsSafe">The platform shows a message only once, even when its request comes twice.</param>
public sealed record Dispatch(IReadOnlyList<string> Requests, Func<int, CancellationToken, Task<SendOutcome>> SendAsync, bool RepeatIsSafe);
