using System.Text.Json;
using Notify.Contracts.Alarms;
using Notify.Contracts.DeadLetters;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Secrets;
using Npgsql;
using Wolverine.Attributes;
using Wolverine.Persistence.Durability;
using Wolverine.Persistence.Durability.DeadLetterManagement;

namespace Notify.Operation.DeadLetters;

/// <summary>A dead letter and, as far as it can be read, its content.</summary>
/// <param name="Detail">The last line of the exception's message without secrets, at most 500 characters. Lines before it quote the failed statement,
/// which is of no use to readers.</param>
internal sealed record Letter(
    DeadLetterEnvelope Envelope, string Detail, IReadOnlyList<AlarmChange> Undecided, IReadOnlyList<DecidedNotification> Notifications)
{
    /// <summary>The path below which Notify raises its own alarms about its operation.</summary>
    public const string OwnPath = "Notify/Operation";

    private const int PageSize = 1000;

    private static readonly string alarmsChanged = IdentityOf<AlarmsChanged>();
    private static readonly string notificationsDecided = IdentityOf<NotificationsDecided>();
    private static readonly string raiseAlarm = IdentityOf<RaiseAlarm>();

    public string Id => Envelope.Id.ToString();

    public string Stream => $"deadletter-{Id}";

    public IReadOnlyList<ConcernedAlarm> Alarms =>
    [
        .. Undecided.Select(x => new ConcernedAlarm(x.AlarmId, x.Alarm?.Name ?? "", x.Alarm?.Path ?? ""))
            .Concat(Notifications.Select(x => new ConcernedAlarm(x.AlarmId, x.AlarmName ?? "", x.AlarmPath ?? ""))).Distinct(),
    ];

    /// <summary>Whether it concerns Notify's own alarm about dead letters: raising that again would cause the next one.</summary>
    public bool IsOwn => Envelope.MessageType == raiseAlarm
        || (Alarms is { Count: > 0 } alarms && alarms.All(
            x => x.AlarmPath == OwnPath || x.AlarmPath.StartsWith(OwnPath + "/", StringComparison.Ordinal)));

    /// <param name="secrets">An exception may quote what it failed on.</param>
    public static Letter Of(DeadLetterEnvelope envelope, KnownSecrets secrets)
    {
        var lines = (envelope.ExceptionMessage ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        // Struck before it is cut: a part of a secret may be too short to be recognised.
        var detail = Errors.Cut(secrets.Strike(lines.LastOrDefault()) ?? "", 500);
        try
        {
            if (envelope.MessageType == alarmsChanged) return new(
                envelope, detail, [.. Read<AlarmsChanged>(envelope).Alarms.Where(x => x is not null)], []);
            if (envelope.MessageType == notificationsDecided) return new(
                envelope, detail, [], [.. Read<NotificationsDecided>(envelope).Notifications.Where(x => x is not null)]);
        }
        catch (Exception e) when (StoreFault.IsOfOne(e))
        {
            // Unreadable content may be the very reason why it is a dead letter.
        }

        return new(envelope, detail, [], []);
    }

    /// <summary>The letters without the notifications that are already recorded: a failed message may have been handled in part.</summary>
    public static async Task<List<Letter>> WithoutRecordedAsync(
        IReadOnlyList<Letter> letters, NpgsqlDataSource database, CancellationToken cancellation)
    {
        string[] ids = [.. letters.SelectMany(x => x.Notifications).Select(x => x.NotificationId).OfType<string>()];
        if (ids.Length == 0) return [.. letters];
        var recorded = await Streams.ExistingAsync(database, ids, cancellation);
        return [.. letters.Select(x => x with { Notifications = [.. x.Notifications.Where(n => !recorded.Contains(n.NotificationId))] })];
    }

    /// <summary>All letters that are not about to be handled again, without the notifications that are already recorded.</summary>
    public static async Task<List<Letter>> ReadAllAsync(
        IDeadLetters letters, NpgsqlDataSource database, KnownSecrets secrets, CancellationToken cancellation)
    {
        var found = new List<Letter>();
        for (var page = 1; ; page++)
        {
            var some = await letters.QueryAsync(new DeadLetterEnvelopeQuery { PageNumber = page, PageSize = PageSize }, cancellation);
            found.AddRange(some.Envelopes.Where(x => !x.Replayable).Select(x => Of(x, secrets)));
            if (some.Envelopes.Count < PageSize) return await WithoutRecordedAsync(
                [.. found.OrderBy(x => x.Envelope.SentAt)], database, cancellation);
        }
    }

    public DescribedDeadLetter Describe() => new(Id, Envelope.SentAt, $"{Envelope.ExceptionType}: {Detail}", Undecided, Notifications);

    private static T Read<T>(DeadLetterEnvelope envelope) => JsonSerializer.Deserialize<T>(envelope.Envelope.Data, NotifyJson.Options)!;

    private static string IdentityOf<T>() =>
        ((MessageIdentityAttribute)Attribute.GetCustomAttribute(typeof(T), typeof(MessageIdentityAttribute))!).Alias!;
}
