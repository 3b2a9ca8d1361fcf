using JasperFx.Events;
using Notify.Access.Approvals;
using Notify.Access.Emergencies;
using Notify.Access.Policies;
using Notify.Kernel;
using Notify.Kernel.Secrets;
using Notify.Kernel.Signing;

namespace Notify.Access.Tests.Emergencies;

/// <summary>Given what has happened to an emergency, when somebody decides, then this is recorded or refused.</summary>
public sealed class EmergencyTests : IDisposable
{
    private const string Id = "emergency-1";

    private static readonly DateTimeOffset start = new(2026, 1, 31, 3, 0, 0, TimeSpan.Zero);
    private static readonly Actor first = new("user-1", "Li Na", "user");
    private static readonly Actor second = new("user-2", "Wang Wei", "user");
    private static readonly ApprovalPolicy policy = new(1, ["rule", "message", "user"], SignatureRule.None, ReasonRule.Optional, null);

    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("notify-test-");
    private readonly MasterKey key;

    public EmergencyTests() => key = new MasterKey(Path.Combine(data.FullName, "master.key"));

    public void Dispose() => data.Delete(recursive: true);

    [Fact]
    public void it_is_for_kinds_that_need_approval_and_for_the_configuration_when_nothing_is_said()
    {
        Emergency.Request(" Because ", 60, null, policy).Should().BeEquivalentTo(new EmergencyRequested(["rule", "message"], 60, "Because"));
        Emergency.Request("Because", 1, ["user"], policy).Kinds.Should().Equal("user");
        Refused(() => Emergency.Request("Because", 60, ["service"], policy), 400, "*");
        Refused(() => Emergency.Request("Because", 60, null, policy with { Kinds = ["user"] }), 409, "No change of this kind needs approval*");
        Refused(() => Emergency.Request("Because", 60, null, ApprovalPolicy.None), 409, "No change of this kind needs approval*");
    }

    [Theory]
    [InlineData("policy")]
    [InlineData("hold")]
    [InlineData("retention")]
    [InlineData("redelivery")]
    [InlineData("configuration")]
    public void it_never_lifts_the_policy_or_what_destroys(string kind) =>
        Refused(() => Emergency.Request("Because", 60, [kind], policy with { Kinds = [.. ApprovalPolicy.AllKinds.Select(x => x.Name)] }), 400, "*");

    [Theory]
    [InlineData(0)]
    [InlineData(241)]
    [InlineData(null)]
    public void it_lasts_four_hours_at_most(int? minutes) => Refused(() => Emergency.Request("Because", minutes, null, policy), 400, "*");

    [Theory]
    [InlineData(null)]
    [InlineData("  ")]
    public void it_has_a_reason(string? reason) => Refused(() => Emergency.Request(reason, 60, null, policy), 400, "*");

    [Fact]
    public void the_first_person_is_not_the_second() =>
        Refused(() => Given(Requested()).Confirm(isFirst: true, start), 403, "An emergency takes two people*");

    [Fact]
    public void it_is_open_from_the_confirmation_on_and_no_longer_than_was_asked_for()
    {
        var opened = Given(Requested()).Confirm(isFirst: false, start.AddMinutes(5));
        opened.Until.Should().Be(start.AddMinutes(65));
        var emergency = Given(Requested(), opened);
        emergency.State(start.AddMinutes(64)).Should().Be(EmergencyState.Open);
        emergency.State(start.AddMinutes(65)).Should().Be(EmergencyState.Ended);
        emergency.HasRunOut(start.AddMinutes(64)).Should().BeFalse();
        emergency.HasRunOut(start.AddMinutes(65)).Should().BeTrue();
    }

    [Fact]
    public void what_nobody_has_confirmed_in_time_is_not_confirmed_later()
    {
        var emergency = Given(Requested());
        emergency.State(start + Emergency.Patience).Should().Be(EmergencyState.Lapsed);
        Refused(() => emergency.Confirm(isFirst: false, start + Emergency.Patience), 409, "*confirmed this emergency in time*");
    }

    [Fact]
    public void what_is_open_withdrawn_or_over_is_not_confirmed_again()
    {
        Refused(() => Given(Requested(), Opened()).Confirm(isFirst: false, start), 409, "*is open already*");
        Refused(() => Given(Requested(), new EmergencyEnded(EmergencyEnded.Withdrawn)).Confirm(isFirst: false, start), 409, "*was withdrawn*");
        Refused(() => Given(Requested(), Opened(), new EmergencyEnded(EmergencyEnded.BySomebody)).Confirm(isFirst: false, start), 409, "*has ended*");
    }

    [Fact]
    public void it_ends_once()
    {
        Given(Requested()).End(start).Why.Should().Be(EmergencyEnded.Withdrawn);
        Given(Requested(), Opened()).End(start).Why.Should().Be(EmergencyEnded.BySomebody);
        Refused(() => Given(Requested(), Opened()).End(start.AddHours(1)), 409, "*has ended*");
        Refused(() => Given(Requested(), Opened(), new EmergencyEnded(EmergencyEnded.BySomebody)).End(start), 409, "*has ended*");
        Refused(() => Given(Requested()).End(start + Emergency.Patience), 409, "*has ended*");
    }

    [Fact]
    public void it_permits_changes_of_its_kinds_to_the_two_in_person()
    {
        var emergency = Given(Requested(), Opened());
        emergency.Permits(["rule"], first, key, start).Should().BeTrue();
        emergency.Permits(["message", "RULE"], second, key, start).Should().BeTrue();
        emergency.Permits(["rule", "user"], first, key, start).Should().BeFalse("people are not in it");
        emergency.Permits(["policy"], first, key, start).Should().BeFalse();
        emergency.Permits(["rule"], new Actor("user-3", "Zhao Lei", "user"), key, start).Should().BeFalse("it is not theirs");
        emergency.Permits(["rule"], first with { Kind = "apiKey" }, key, start).Should().BeFalse("a program knows of no emergency");
        emergency.Permits(["rule"], first, key, start.AddHours(1)).Should().BeFalse("its time is over");
        Given(Requested()).Permits(["rule"], first, key, start).Should().BeFalse("nobody has confirmed it");
        Given(Requested(), Opened(), new EmergencyEnded(EmergencyEnded.BySomebody)).Permits(["rule"], first, key, start).Should().BeFalse("it has ended");
    }

    [Fact]
    public void without_both_signatures_for_this_very_emergency_it_permits_nothing()
    {
        var (requested, opened) = (Requested(), Opened());
        var other = new MasterKey(Path.Combine(data.FullName, "other.key"));
        (EmergencyRequested Requested, EmergencyOpened Opened)[] forged =
        [
            (requested with { Signature = null }, opened),
            (requested, opened with { Signature = null }),
            (requested, opened with { Until = start.AddHours(9) }),
            (requested with { Kinds = ["rule", "message", "user"] }, opened),
            (requested with { Minutes = 240 }, opened),
            (requested, opened with { Signature = Sign(opened, first, "confirmed") }),
            (requested, opened with { Signature = Sign(opened, second, "confirmed", "emergency-2") }),
            (requested, opened with { Signature = Sign(opened, second, "confirmed", key: other) }),
            (requested, opened with { Signature = opened.Signature! with { Meaning = "approved" } }),
        ];
        foreach (var (index, (request, open)) in forged.Index())
            Given(request, open).Permits(["rule"], first, key, start).Should().BeFalse($"forgery {index}");
        Given(requested, opened).Permits(["rule"], first, key, start).Should().BeTrue();
    }

    [Fact]
    public void a_third_person_reviews_it_once_when_it_is_over()
    {
        object[] over = [Requested(), Opened(), new EmergencyUsed("rule", "replace", "rule-1", "Night", []), new EmergencyEnded(EmergencyEnded.RanOut)];
        var reviewed = Given(over).Review(isOneOfTheTwo: false, " As reported ", "abc", start);
        reviewed.Should().Be(new EmergencyReviewed("As reported", "abc"));
        Refused(() => Given(over).Review(isOneOfTheTwo: true, "Fine", "abc", start), 403, "Nobody reviews an emergency of their own*");
        Refused(() => Given(over).Review(isOneOfTheTwo: false, " ", "abc", start), 400, "*");
        Refused(() => Given(Requested(), Opened()).Review(isOneOfTheTwo: false, "Fine", "abc", start), 409, "*still open*");
        Refused(() => Given(Requested()).Review(isOneOfTheTwo: false, "Fine", "abc", start), 409, "*never open*");
        Refused(() => Given([.. over, reviewed]).Review(isOneOfTheTwo: false, "Fine", "abc", start), 409, "*reviewed already*");
    }

    [Fact]
    public void an_event_after_the_end_changes_nothing()
    {
        var ended = new EmergencyEnded(EmergencyEnded.Withdrawn);
        Given(Requested(), ended, Opened()).State(start).Should().Be(EmergencyState.Withdrawn);
        Given(Requested(), Opened(), new EmergencyEnded(EmergencyEnded.BySomebody), Opened()).State(start).Should().Be(EmergencyState.Ended);
    }

    private EmergencyRequested Requested()
    {
        var requested = new EmergencyRequested(["rule", "message"], 60, "Because");
        return requested with { Signature = Sign(requested, first, "requested") };
    }

    private EmergencyOpened Opened()
    {
        var opened = new EmergencyOpened(start.AddHours(1), OwnSignature.ContentOfNew(Requested()));
        return opened with { Signature = Sign(opened, second, "confirmed") };
    }

    private OwnSignature Sign(object data, Actor by, string meaning, string id = Id, MasterKey? key = null) =>
        OwnSignature.Of(key ?? this.key, id, OwnSignature.ContentOfNew(data), by, start, meaning, "password");

    private static Emergency Given(params object[] events)
    {
        var (emergency, version) = ((Emergency?)null, 0L);
        foreach (var data in events)
        {
            var e = (IEvent)Activator.CreateInstance(typeof(Event<>).MakeGenericType(data.GetType()), data)!;
            (e.Version, e.Timestamp) = (++version, start);
            var actor = data is EmergencyOpened ? second : first;
            e.UserName = actor.Id;
            e.Headers = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                [AuditContext.ActorNameHeader] = actor.Name,
                [AuditContext.ActorKindHeader] = actor.Kind,
            };
            emergency = Emergency.Apply(emergency, Id, e);
        }

        return emergency!;
    }

    private static void Refused(Action decide, int status, string text) =>
        decide.Should().Throw<ProblemException>().WithMessage(text).Which.Status.Should().Be(status);
}
