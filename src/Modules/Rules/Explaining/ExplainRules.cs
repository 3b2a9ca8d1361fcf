using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Channels;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Rules.Deciding;
using Notify.Rules.Messages;
using Wolverine;

namespace Notify.Rules.Explaining;

/// <summary><c>POST /rules/explain</c> and <c>POST /rules/{id}/explain</c>: what the rules would do with an alarm at a given time, and why. Nothing
/// is sent.</summary>
public sealed class ExplainRules(
    IQuerySession session, CurrentResources<Rule, RuleSettings> rules, IMessageBus bus, CurrentSnapshot configuration, ChannelCatalog channels,
    AcknowledgeLinks links,
    TimeProvider time)
{
    /// <param name="Alarm">An alarm as in <c>POST /alarms</c>, optionally with <c>shelved</c>. Null: <paramref name="AlarmId"/>, or an example if
    /// that is null too.</param>
    /// <param name="At">Null: now. The configuration is always the current one.</param>
    /// <param name="Rule">A draft to explain instead of the rules, as a request that saves it would contain it.</param>
    public sealed record Request(
        [property: ShownAs("PostAlarmsReport")] JsonObject? Alarm = null, string? AlarmId = null, DateTimeOffset? At = null,
        [property: ShownAs(typeof(RuleSettings))] JsonObject? Rule = null);

    public sealed record Answer(DateTimeOffset At, long ConfigurationVersion, AlarmFacts Alarm, IReadOnlyList<RuleExplanation> Rules);

    /// <param name="ruleId">The rule to explain; null: all.</param>
    /// <exception cref="ProblemException">400: the request is invalid; 404: the rule does not exist.</exception>
    public async Task<Answer> RunAsync(string? ruleId, Request request, CancellationToken cancellation)
    {
        var stored = ruleId is null ? null : await rules.FindAsync(session, ruleId, cancellation) ?? throw ProblemException.NotFound("rule", ruleId);
        var errors = new Errors();
        var now = request.At ?? time.GetUtcNow();
        if (now.Year is < 1970 or > 2999) errors.Add("at", "Give an instant from 1970 to 2999.");
        if (request is { Alarm: not null, AlarmId: not null }) errors.Add("alarmId", "Give either an alarm or the id of one.");
        var draft = request.Rule is null ? null : Draft(request.Rule, stored, errors);
        errors.ThrowIfAny();

        var alarm = request.AlarmId is { } alarmId
            ? await SampleAlarm.LoadAsync(alarmId, bus, cancellation)
            : await SampleAlarm.ReadAsync(request.Alarm, bus, now, cancellation);
        var urlPath = links.Sample;
        var snapshot = await configuration.GetAsync(session, bus, cancellation);
        IReadOnlyList<RuleExplanation> explained =
            draft is not null ? [snapshot.Explain(draft, alarm, now, urlPath)]
            : stored is not null ? [snapshot.Explain(stored.Id, alarm, now, urlPath) ?? throw ProblemException.NotFound("rule", stored.Id)]
            : snapshot.Explain(alarm, now, urlPath);
        return new Answer(now, snapshot.ConfigurationVersion, alarm, explained);
    }

    public static void Map(RouteGroupBuilder rules)
    {
        rules.MapPost("/explain", async (HttpContext http, ExplainRules explain) =>
            await explain.RunAsync(null, await http.Request.ReadAsync<Request>(), http.RequestAborted)).Requires(Permission.ConfigurationRead)
            .Document(
                "explainRules", "Explain all rules, or a draft",
                "What each rule would do with an alarm at a given time, and why: the outcome of each condition, the state of the schedule, "
                + "the receivers and the text. Nothing is sent.")
            .Takes<Request>("""{ "alarm": { "name": "Motor too hot", "level": "Critical" }, "at": "2026-01-31T08:00:00Z" }""");
        rules.MapPost("/{id}/explain", async (string id, HttpContext http, ExplainRules explain) =>
            await explain.RunAsync(id, await http.Request.ReadAsync<Request>(), http.RequestAborted)).Requires(Permission.ConfigurationRead)
            .Document(
                "explainRule", "Explain a rule",
                "What the rule, or a draft in its place, would do with an alarm at a given time, and why. Nothing is sent.")
            .Takes<Request>("""{ "alarm": { "name": "Motor too hot", "level": "Critical" }, "at": "2026-01-31T08:00:00Z" }""");
    }

    /// <summary>Resources that the draft refers to may be missing; the explanation says so where it matters.</summary>
    private Configured<RuleSettings>? Draft(JsonObject rule, Rule? stored, Errors errors)
    {
        var settings = ResourceDraft.Read<RuleSettings>(
            rule, "rule", (x, faults) => x.Complete(channels).Validate(faults, channels), errors)?.Complete(channels);
        var name = rule["name"];
        if (name?.GetValueKind() is not (null or JsonValueKind.String)) errors.Add("rule.name", "The value must be text.");
        return errors.Any ? null : new(
            stored?.Id ?? "draft", stored?.Version ?? 0, name?.GetValue<string>() ?? stored?.Name ?? "", stored?.Enabled ?? true, settings!);
    }
}
