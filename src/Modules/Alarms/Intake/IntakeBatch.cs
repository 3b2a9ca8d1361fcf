using System.Text.Json;
using Notify.Kernel;

namespace Notify.Alarms.Intake;

/// <summary>The result for each alarm of a request, by its index.</summary>
public sealed record IntakeAnswer(IReadOnlyList<AcceptedAlarm> Accepted, IReadOnlyList<RejectedAlarm> Rejected);

/// <param name="Warnings">What was changed on acceptance, by field; absent when there is nothing to report.</param>
public sealed record AcceptedAlarm(int Index, string AlarmId, string CorrelationId, IDictionary<string, string[]>? Warnings);

public sealed record RejectedAlarm(int Index, IDictionary<string, string[]> Errors);

/// <summary>The alarms of one request. Valid ones are recorded, invalid ones are named by their index, and neither affects the other.</summary>
/// <param name="list">The name of the list in the request's body, for the paths of faults.</param>
public sealed class IntakeBatch(AuditContext audit, string list)
{
    /// <summary>The most alarms in one transaction. A larger request is recorded in several, so it may be recorded in part; repeating the whole
    /// request does no harm.</summary>
    private const int TransactionSize = 1000;

    private readonly PathLimit limit = PathLimit.Current;
    private readonly List<AcceptedAlarm> accepted = [];
    private readonly List<RejectedAlarm> rejected = [];
    private readonly List<AlarmCommand> commands = [];

    public void Add(int index, Func<Errors, AlarmCommand?> read) => Add(index, default, (errors, _) => read(errors));

    /// <param name="suspect">The item if the request has duplicate fields somewhere; otherwise the default value.</param>
    /// <param name="read">Returns null when the item is invalid, with the reasons in its first argument; the second receives warnings.</param>
    public void Add(int index, JsonElement suspect, Func<Errors, Errors, AlarmCommand?> read)
    {
        var (errors, warnings) = (new Errors(), new Errors());
        AlarmCommand? command = null;
        try
        {
            JsonText.CheckNames(suspect, "", errors);
            if (!errors.Any) command = read(errors, warnings);
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json throws this while it looks for a field, when the name of another contains an unpaired surrogate.
            errors.Add("", "The name of a field is not valid Unicode.");
        }

        if (command is not null && !limit.Allows(command.Path))
            errors.Add("path", $"Only alarms below these paths may be reported with these credentials: {limit}.");
        if (command is null || errors.Any)
        {
            rejected.Add(new RejectedAlarm(index, errors.ToDictionary()));
            return;
        }

        commands.Add(limit.IsNone ? command : command with { Decide = OwnPath(command) });
        accepted.Add(new AcceptedAlarm(index, command.AlarmId, audit.CorrelationId, warnings.Any ? warnings.ToDictionary() : null));
    }

    /// <summary>An alarm that is not identified by its path may have another path, outside the caller's limit.</summary>
    private Func<Alarm?, object?> OwnPath(AlarmCommand command) => alarm => alarm is null || limit.Allows(alarm.Facts.Path)
        ? command.Decide(alarm)
        : throw new ProblemException(403, "Not allowed.", $"The alarm that this report identifies lies outside these paths: {limit}.");

    /// <summary>The faults, one line each: <c>alarms[3].name: A name is required.</c></summary>
    public IEnumerable<string> Faults() => Each((path, message) => $"{path}: {message}");

    /// <returns>Completes when all valid alarms are on durable storage.</returns>
    /// <exception cref="ProblemException">403: a known alarm lies outside the caller's paths; 503: the database is unavailable.</exception>
    public async Task WriteAsync(AlarmWriter writer)
    {
        if (accepted.Count + rejected.Count == 0) writer.NoteSignOfLife(limit);
        foreach (var part in commands.Chunk(TransactionSize)) await writer.WriteAsync(part);
    }

    /// <inheritdoc cref="WriteAsync"/>
    /// <exception cref="ProblemException">400: no alarm is valid; 403 and 503 as for <see cref="WriteAsync"/>.</exception>
    public async Task<IntakeAnswer> WriteAnyAsync(AlarmWriter writer)
    {
        if (accepted.Count == 0 && rejected.Count > 0)
        {
            var errors = new Errors();
            foreach (var (path, message) in Each((path, message) => (path, message))) errors.Add(path, message);
            errors.ThrowIfAny();
        }

        await WriteAsync(writer);
        return new(accepted, rejected);
    }

    private IEnumerable<T> Each<T>(Func<string, string, T> of) =>
        from item in rejected
        from error in item.Errors
        from message in error.Value
        select of(JsonFault.Join($"{list}[{item.Index}]", error.Key), message);
}
