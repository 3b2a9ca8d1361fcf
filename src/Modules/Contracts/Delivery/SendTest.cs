using System.Text.Json.Serialization;
using Notify.Contracts.People;
using Notify.Contracts.Rules;
using Notify.Kernel.Texts;
using Wolverine.Attributes;

namespace Notify.Contracts.Delivery;

/// <summary>Asks the Delivery module to send this immediately to receivers of a service, even a disabled one, and to return the platform's answer.
/// The test is recorded.</summary>
/// <param name="ChannelType">The message's channel type; null accepts any service.</param>
/// <param name="Message">The message under test, if any.</param>
/// <param name="TestId">Chosen by the caller: if the command is handled again because its result could not be recorded, Delivery recognizes it by
/// this id and sends nothing.</param>
[MessageIdentity("notify.delivery.send-test.v1")]
public sealed record SendTest(
    string ServiceId, string? ChannelType, IReadOnlyList<Receiver?> Receivers, RenderedMessage Content, VersionedRef? Message, Requester By,
    string TestId) : BusMessage
{
    /// <summary>For tests that nobody watches: how many seconds it waits until no alarm waits for the lane and the pace has room besides what is kept
    /// for alarms. Null: it is sent at once, past the queues.</summary>
    public int? TurnWithinSeconds { get; init; }
}

/// <param name="ServiceExists">False: the service does not exist, and the rest is empty.</param>
/// <param name="Faults">Why nothing was sent, by path (<c>serviceId</c>, <c>receivers[0]</c>).</param>
/// <param name="TestId">Null when nothing was sent.</param>
[MessageIdentity("notify.delivery.test-answer.v1")]
public sealed record TestAnswer(bool ServiceExists, IReadOnlyList<TestFault> Faults, string? TestId, IReadOnlyList<TestResult> Results) : BusMessage;

public sealed record TestFault(string Path, string Message);

/// <summary>The outcome of a test for one receiver.</summary>
/// <param name="Outcome"><c>delivered</c>, <c>failed</c>, <c>unknown</c> (the answer was lost), or <c>notSent</c>.</param>
/// <param name="PlatformCode">The platform's result code; null if it did not answer.</param>
/// <param name="PlatformList">What the platform said about this receiver, such as the list that names it; null if nothing.</param>
/// <param name="EgressIp">The source address that the platform saw, if it said so.</param>
/// <param name="Meaning">What the code means, or what happened if there is no code.</param>
/// <param name="Advice">What to do about it.</param>
public sealed record TestResult(
    string Kind, string? Alias, string? Account, string Outcome, string? PlatformCode, string? PlatformList, string? PlatformMessage,
    string? RequestId,
    string? EgressIp, BilingualText Meaning, BilingualText Advice)
{
    /// <summary>The people reached, or meant to be reached; null if no known people are behind the receiver.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ReachedPerson>? People { get; init; }
}

