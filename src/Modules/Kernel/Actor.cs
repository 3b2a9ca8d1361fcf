using Marten;

namespace Notify.Kernel;

/// <summary>Who did something: a person, an API key, or Notify itself.</summary>
/// <param name="Kind"><c>user</c>, <c>apiKey</c>, <c>link</c> (somebody who acknowledged through the link in a message: with the name that they
/// entered or, if the link was sent to one person, that person's id and name), <c>system</c> or <c>anonymous</c>.</param>
public sealed record Actor(string Id, string Name, string Kind)
{
    public const string SystemKind = "system";
    public const string LinkKind = "link";
    public const string AnonymousKind = "anonymous";

    public static readonly Actor System = new("system", "Notify", SystemKind);
}

/// <summary>
/// What every event records besides its data: who, from where, why, and what caused it. Created once for each request, message or job and passed
/// on with the work.
/// </summary>
/// <param name="TraceParent">The span of the request (W3C trace context); null if no trace is recorded.</param>
/// <param name="RequestCorrelationId">If the correlation id is that of another trail (an alarm's), the correlation id of the request itself.</param>
/// <param name="Authentication">How the actor was authenticated; null if the actor's kind implies it.</param>
/// <param name="Session">The id of the session; null: there is none.</param>
/// <param name="CausationId">The id of the event that caused this; null if an outside request did.</param>
public sealed record AuditContext(
    Actor Actor, string CorrelationId, string? CausationId = null, string? SourceIp = null, string? Reason = null, string? Client = null,
    string? TraceParent = null, string? RequestCorrelationId = null, string? Authentication = null, string? Session = null)
{
    public const string ActorNameHeader = "actor-name";
    public const string ActorKindHeader = "actor-kind";
    public const string SourceIpHeader = "source-ip";
    public const string ReasonHeader = "reason";
    public const string ClientHeader = "client";

    /// <summary>How the actor was authenticated, if the actor's kind does not imply it.</summary>
    public const string AuthenticationHeader = "authentication";

    public const string SessionHeader = "session";
    public const string ApprovedByHeader = "approved-by";

    /// <summary>The approver's name; a personal field.</summary>
    public const string ApprovedByNameHeader = "by";

    public const string ProposalHeader = "proposal";
    public const string EmergencyHeader = "emergency";

    public const string TraceParentHeader = "traceparent";
    public const string RequestCorrelationHeader = "request-correlation";

    /// <summary>The approval of the change; null: none was given or needed.</summary>
    public Approval? Approval { get; init; }

    /// <summary>The id of the emergency in which it was done without the approval that it would otherwise need.</summary>
    public string? Emergency { get; init; }

    public static AuditContext OfSystem(string correlationId, string? causationId = null, string? reason = null, string? traceParent = null) =>
        new(Actor.System, correlationId, causationId, Reason: reason, TraceParent: traceParent);

    /// <summary>For work that continues an earlier trail: it is found both in that trail and by the correlation id in the answer to the
    /// request.</summary>
    public AuditContext InTrailOf(string correlationId) =>
        correlationId == CorrelationId
            ? this : this with { CorrelationId = correlationId, RequestCorrelationId = RequestCorrelationId ?? CorrelationId };

    /// <summary>The event headers; the correlation id, the causation id and the actor's id have their own columns.</summary>
    public Dictionary<string, object> Headers()
    {
        var headers = new Dictionary<string, object>(5, StringComparer.Ordinal)
        {
            [ActorNameHeader] = Actor.Name,
            [ActorKindHeader] = Actor.Kind,
        };
        if (SourceIp is not null) headers[SourceIpHeader] = SourceIp;
        if (Authentication is not null) headers[AuthenticationHeader] = Authentication;
        if (Session is not null) headers[SessionHeader] = Session;
        if (Reason is not null) headers[ReasonHeader] = Reason;
        if (Client is not null) headers[ClientHeader] = Client;
        if (TraceParent is not null) headers[TraceParentHeader] = TraceParent;
        if (RequestCorrelationId is not null) headers[RequestCorrelationHeader] = RequestCorrelationId;
        if (Approval is not null)
        {
            headers[ApprovedByHeader] = Approval.By.Id;
            headers[ApprovedByNameHeader] = Approval.By.Name;
            headers[ProposalHeader] = Approval.Proposal;
        }

        if (Emergency is not null) headers[EmergencyHeader] = Emergency;
        return headers;
    }

    /// <summary>Gives this context to every event that the session appends from now on.</summary>
    public void ApplyTo(IDocumentSession session)
    {
        session.LastModifiedBy = Actor.Id;
        session.CorrelationId = CorrelationId;
        session.CausationId = CausationId;
        foreach (var (key, value) in Headers()) session.SetHeader(key, value);
    }
}
