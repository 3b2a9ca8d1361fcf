using System.Text.Json.Serialization;
using Notify.Contracts.People;
using Notify.Contracts.Rules;
using Notify.Kernel.Texts;
using Wolverine.Attributes;

namespace Notify.Contracts.Delivery;

/// <summary>Asks the Delivery module to send this now to receivers of a service, enabled or not, and to return the platform's answer. It is
/// recorded.</summary>
/// <param name="ChannelType">Of the message; null if any service is acceptable.</param>
/// <param name="Message">The message under test, if any.</param>
/// <param name="TestId">Chosen by the caller: if the command is handled again because its result could not be recorded, it is recognized by this id
/// and sends nothing.</param>
[MessageIdentity("notify.delivery.send-test.v1")]
public sealed record SendTest(
    string ServiceId, string? ChannelType, IReadOnlyList<Receiver?> Receivers, RenderedMessage Content, VersionedRef? Message, Requester By,
    string TestId) : BusMessage;

/// <param name="ServiceExists">False: the service does not exist, and the rest is empty.</param>
/// <param name="Faults">By path (<c>serviceId</c>, <c>receivers[0]</c>), why nothing was sent.</param>
/// <param name="TestId">Null when nothing was sent.</param>
[MessageIdentity("notify.delivery.test-answer.v1")]
public sealed record TestAnswer(bool ServiceExists, IReadOnlyList<TestFault> Faults, string? TestId, IReadOnlyList<TestResult> Results) : BusMessage;

public sealed record TestFault(string Path, string Message);

/// <summary>The outcome of a test for one receiver.</summary>
/// <param name="Outcome"><c>delivered</c>, <c>failed</c>, <c>unknown</c> (the answer was lost), or <c>notSent</c>.</param>
/// <param name="PlatformCode">The platform's own code; null when it did not answer.</param>
/// <param name="PlatformList">What the platform said of this receiver alone, such as the list that names it; null when it said nothing.</param>
/// <param name="EgressIp">The address from which the platform saw the request, if it said so.</param>
/// <param name="Meaning">Of the code, or of what happened instead.</param>
/// <param name="Advice">What to do about it.</param>
public sealed record TestResult(
    string Kind, string? Alias, string? Account, string Outcome, string? PlatformCode, string? PlatformList, string? PlatformMessage,
    string? RequestId,
    string? EgressIp, BilingualText Meaning, BilingualText Advice)
{
    /// <summary>Who is reached by it, or was meant to be; null: nobody is known to be behind it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ReachedPerson>? People { get; init; }
}

