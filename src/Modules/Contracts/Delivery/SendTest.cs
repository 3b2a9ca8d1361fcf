using Notify.Contracts.Rules;
using Notify.Kernel.Texts;
using Wolverine.Attributes;

namespace Notify.Contracts.Delivery;

/// <summary>Asked of the Delivery module: send this now to these receivers of a service, enabled or not, and say what the platform said. It is on record.</summary>
/// <param name="ChannelType">Of the message; null when any service will do.</param>
/// <param name="Message">The message that is tried, when it is one.</param>
/// <param name="TestId">Given by who asks: a command that is handled again, since what it did could not be recorded, is known by it and sends nothing.</param>
[MessageIdentity("notify.delivery.send-test.v1")]
public sealed record SendTest(
    string ServiceId, string? ChannelType, IReadOnlyList<Receiver?> Receivers, RenderedMessage Content, VersionedRef? Message, Requester By, string TestId) : BusMessage;

/// <summary>Who asked, as it goes on record.</summary>
public sealed record Requester(string Id, string Name, string Kind, string CorrelationId, string? SourceIp, string? Reason, string? Client);

/// <param name="ServiceExists">False: there is no such service, and the rest is empty.</param>
/// <param name="Faults">By path (<c>serviceId</c>, <c>receivers[0]</c>), why nothing was sent.</param>
/// <param name="TestId">Null when nothing was sent.</param>
[MessageIdentity("notify.delivery.test-answer.v1")]
public sealed record TestAnswer(bool ServiceExists, IReadOnlyList<TestFault> Faults, string? TestId, IReadOnlyList<TestResult> Results) : BusMessage;

public sealed record TestFault(string Path, string Message);

/// <summary>What became of a test for one receiver.</summary>
/// <param name="Outcome"><c>delivered</c>, <c>failed</c>, <c>unknown</c> (the answer was lost), or <c>notSent</c>.</param>
/// <param name="PlatformCode">The platform's own code; null when it did not answer.</param>
/// <param name="PlatformList">The list in which the platform named the receiver: <c>invaliduser</c> or <c>unlicenseduser</c>.</param>
/// <param name="EgressIp">The address from which the platform saw the request come, when it said so.</param>
/// <param name="Meaning">Of the code, or of what happened in its place.</param>
/// <param name="Advice">What to do about it.</param>
public sealed record TestResult(
    string Kind, string? Alias, string? Account, string Outcome, int? PlatformCode, string? PlatformList, string? PlatformMessage, string? RequestId,
    string? EgressIp, BilingualText Meaning, BilingualText Advice);

