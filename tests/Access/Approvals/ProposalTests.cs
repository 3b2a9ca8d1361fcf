using System.Text.Json.Nodes;
using JasperFx.Events;
using Notify.Access.Approvals;
using Notify.Kernel;
using Notify.Kernel.Resources;

namespace Notify.Access.Tests.Approvals;

/// <summary>Given what has happened to a proposal, when somebody decides, then this is recorded or refused.</summary>
public sealed class ProposalTests
{
    private const string Id = "proposal-1";

    private static readonly ChangeToApprove change = new(
        "rule", "replace", "rule-1", "Night", [new FieldChange("description", "", "At night")], [new BaseVersion("rule-1", 3)], new JsonObject());

    public static TheoryData<string, string> Ends => new()
    {
        { nameof(ProposalApproved), "*is approved already*" },
        { nameof(ProposalRejected), "*was rejected*" },
        { nameof(ProposalWithdrawn), "*was withdrawn*" },
        { nameof(ProposalVoided), "*is void*" },
    };

    [Fact]
    public void another_person_approves_an_open_proposal() => Given().Approve(isAuthor: false, change).Should().Be(new ProposalApproved());

    [Fact]
    public void its_author_does_not_approve_it() => Refused(() => Given().Approve(isAuthor: true, change), 403, "Nobody approves a change of their own*");

    [Fact]
    public void its_author_does_not_reject_it_and_nobody_else_withdraws_it()
    {
        Refused(() => Given().Reject(isAuthor: true), 403, "*withdraw it*");
        Refused(() => Given().Withdraw(isAuthor: false), 403, "Only its author*");
        Given().Reject(isAuthor: false).Should().Be(new ProposalRejected());
        Given().Withdraw(isAuthor: true).Should().Be(new ProposalWithdrawn());
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void what_is_decided_is_not_decided_again(string end, string text)
    {
        object ended = end switch
        {
            nameof(ProposalApproved) => new ProposalApproved(),
            nameof(ProposalRejected) => new ProposalRejected(),
            nameof(ProposalWithdrawn) => new ProposalWithdrawn(),
            _ => new ProposalVoided([new MovedVersion("rule-1", 3, 4)]),
        };
        var proposal = Given(ended);
        Refused(() => proposal.Approve(isAuthor: false, change), 409, text);
        Refused(() => proposal.Reject(isAuthor: false), 409, text);
        Refused(() => proposal.Withdraw(isAuthor: true), 409, text);
        Refused(() => proposal.VoidIfMoved(new Dictionary<string, long>()), 409, text);
    }

    [Fact]
    public void an_event_after_the_end_changes_nothing() =>
        Given(new ProposalRejected(), new ProposalApproved()).State.Should().Be(ProposalState.Rejected);

    [Theory]
    [InlineData(4)]
    [InlineData(2)]
    [InlineData(0)]
    public void what_it_is_based_on_moves_on_and_it_is_void(long now) =>
        Given().VoidIfMoved(new Dictionary<string, long> { ["rule-1"] = now, ["rule-2"] = 7 })!.Moved.Should()
            .Equal(new MovedVersion("rule-1", 3, now));

    [Fact]
    public void what_it_is_based_on_is_gone_and_it_is_void() =>
        Given().VoidIfMoved(new Dictionary<string, long>())!.Moved.Should().Equal(new MovedVersion("rule-1", 3, 0));

    [Fact]
    public void what_it_is_based_on_stays_and_it_is_not_void() =>
        Given().VoidIfMoved(new Dictionary<string, long> { ["rule-1"] = 3 }).Should().BeNull();

    [Fact]
    public void what_is_made_must_be_what_was_proposed()
    {
        ChangeToApprove[] others =
        [
            change with { Kind = "service" }, change with { Verb = "delete" }, change with { Id = "rule-2" }, change with { Name = "Day" },
            change with { Changes = [new FieldChange("description", "", "By day")] },
            change with { Changes = [] },
        ];
        foreach (var other in others) Refused(() => Given().Approve(isAuthor: false, other), 409, "*was altered*");
    }

    private static Proposal Given(params object[] events)
    {
        var (proposal, version) = ((Proposal?)null, 0L);
        foreach (var data in events.Prepend(Proposal.Propose(change, null)))
        {
            var e = (IEvent)Activator.CreateInstance(typeof(Event<>).MakeGenericType(data.GetType()), data)!;
            (e.Version, e.UserName) = (++version, "user-1");
            proposal = Proposal.Apply(proposal, Id, e);
        }

        return proposal!;
    }

    private static void Refused(Action decide, int status, string text) =>
        decide.Should().Throw<ProblemException>().WithMessage(text).Which.Status.Should().Be(status);
}
