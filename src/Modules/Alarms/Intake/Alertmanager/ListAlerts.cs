using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Notify.Alarms.Silences;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Alarms.Intake.Alertmanager;

/// <summary><c>GET /api/v2/alerts</c>: every active alarm as an alert, including those from other sources. Shelved alarms are silenced
/// alerts.</summary>
public sealed class ListAlerts(NpgsqlDataSource database, EventReader events, TimeProvider time, IOptionsMonitor<AlertMapping> mappings)
{
    /// <summary>The most recently changed; <c>/api/v1/alarms</c> gives all, in pages.</summary>
    private const int Limit = 10_000;

    /// <summary>An alert as Alertmanager returns it.</summary>
    public sealed record GettableAlert(
        IReadOnlyDictionary<string, string> Labels, IReadOnlyDictionary<string, string> Annotations, string Fingerprint, DateTimeOffset StartsAt,
        DateTimeOffset EndsAt, DateTimeOffset UpdatedAt, string? GeneratorURL, IReadOnlyList<NamedReceiver> Receivers, AlertStatus Status);

    public sealed record NamedReceiver(string Name);

    public sealed record AlertStatus(
        string State, IReadOnlyList<string> SilencedBy, IReadOnlyList<string> InhibitedBy, IReadOnlyList<string> MutedBy);

    internal static NamedReceiver Receiver { get; } = new("notify");

    /// <param name="filters">Matchers in the syntax of amtool; an alert must match all of them.</param>
    /// <param name="receiver">A regular expression for the name of the only receiver.</param>
    /// <exception cref="ProblemException">400: a filter or the receiver is invalid.</exception>
    public async Task<IEnumerable<GettableAlert>> RunAsync(
        bool active, bool silenced, IReadOnlyList<string> filters, string? receiver, CancellationToken cancellation)
    {
        var matchers = filters.Where(x => !string.IsNullOrWhiteSpace(x)).Select(Matcher.Parse).ToList();
        if (receiver is not null && !Matcher.Anchored(receiver, nameof(receiver)).IsMatch(Receiver.Name)) return [];
        var rows = await AlarmTable.ListAsync(
            database, events, [AlarmState.ActiveUnacked, AlarmState.ActiveAcked], null, null, null, null, Limit, cancellation);
        var until = time.GetUtcNow() + mappings.Get(ReceiveWebhook.Alertmanager).ResolveTimeout;
        return rows.Where(x => x.Alarm.Facts.Shelved ? silenced : active).Select(x => Of(x.Alarm, until))
            .Where(x => matchers.All(m => m.Matches(x.Labels)));
    }

    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/alerts", (HttpContext http, ListAlerts list) => MapQueryAsync(http, list)).Requires(Permission.AlarmsRead).KeepsToPaths();

    internal static Task<IEnumerable<GettableAlert>> MapQueryAsync(HttpContext http, ListAlerts list)
    {
        var query = http.Query();
        var (active, silenced) = (query.Flag("active") ?? true, query.Flag("silenced") ?? true);
        (_, _, _) = (query.Flag("inhibited"), query.Flag("unprocessed"), query.Flag("muted"));
        query.ThrowIfInvalid();
        return list.RunAsync(active, silenced, query.Texts("filter"), query.Text("receiver"), http.RequestAborted);
    }

    private static GettableAlert Of(Alarm alarm, DateTimeOffset until)
    {
        var facts = alarm.Facts;
        var labels = AlertLabels.Of(facts);
        var annotations = facts.Labels.Where(x => x.Key.StartsWith(AlertLabels.AnnotationPrefix, StringComparison.Ordinal))
            .ToDictionary(x => x.Key[AlertLabels.AnnotationPrefix.Length..], x => x.Value, StringComparer.Ordinal);
        if (facts.Description.Length > 0) annotations.TryAdd("summary", facts.Description);
        return new GettableAlert(
            labels, annotations, alarm.SourceId is { Length: 16 } fingerprint ? fingerprint : Alert.FingerprintOf(labels), facts.EventTime,
            alarm.ExpiresAt ?? until, facts.EventTime, facts.Labels.GetValueOrDefault(AlertLabels.GeneratorUrl), [Receiver],
            new AlertStatus(facts.Shelved ? "suppressed" : "active", facts.Shelved ? [facts.Silence?.Id ?? "shelved"] : [], [], []));
    }
}
