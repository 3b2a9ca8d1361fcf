namespace Notify.Kernel;

/// <summary>A second person has approved a change, which is now being made. Only the code that decides on proposals creates one.</summary>
/// <param name="Proposal">The id.</param>
/// <param name="Given">How the approval will be on record.</param>
public abstract record Approval(string Proposal, AuditContext Given)
{
    /// <summary>Streams of proposals: <c>proposal-…</c>.</summary>
    public const string ProposalNoun = "proposal";

    /// <summary>Streams of emergencies: <c>emergency-…</c>.</summary>
    public const string EmergencyNoun = "emergency";

    /// <summary>The stream of the policy that says what needs approval.</summary>
    public const string PolicyStream = "policy-approval";

    /// <summary>For the approver's eyes only: the password that the change has made. It is in the answer to them, and nowhere else.</summary>
    public string? Password { get; set; }

    /// <summary>The approver.</summary>
    public Actor By => Given.Actor;
}
