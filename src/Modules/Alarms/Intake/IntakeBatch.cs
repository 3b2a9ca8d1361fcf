using System.Text.Json;
using Notify.Kernel;

namespace Notify.Alarms.Intake;

/// <summary>What became of each alarm of a request, by its place.</summary>
public sealed record IntakeAnswer(IReadOnlyList<AcceptedAlarm> Accepted, IReadOnlyList<RejectedAlarm> Rejected);

/// <param name="Warnings">What was changed on acceptance, by field; absent when there is nothing to report.</param>
public sealed record AcceptedAlarm(int Index, string AlarmId, string CorrelationId, IDictionary<string, string[]>? Warnings);

public sealed record RejectedAlarm(int Index, IDictionary<string, string[]> Errors);

/// <summary>The alarms of one request: valid ones are recorded, invalid ones are named by their position, and neither affects the other.</summary>
/// <param name="list">What the list is called in the request's body.</param>
public sealed class IntakeBatch(AuditContext audit, string list)
{
    /// <summary>The most that one transaction takes; more are recorded in several transactions, and repeating the whole request does no
    /// harm.</summary>
    private const int TransactionSize = 1000;

    private readonly PathLimit limit = PathLimit.Current;
    private readonly List<AcceptedAlarm> accepted = [];
    private readonly List<RejectedAlarm> rejected = [];
    private readonly List<AlarmCommand> commands = [];

    public void Add(int index, Func<Errors, AlarmCommand?> read) => Add(index, default, (errors, _) => read(errors));

    /// <param name="suspect">The item, when some item of the request has a field twice.</param>
    /// <param name="read">Null when the item does not fit; the errors, its first argument, then say why. The second takes warnings.</param>
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
            // What System.Text.Json throws for a field's name with half of a surrogate pair, when it looks for another name.
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

    /// <summary>An alarm that is not identified by its path may belong to somebody else.</summary>
    private Func<Alarm?, object?> OwnPath(AlarmCommand command) => alarm => alarm is null || limit.Allows(alarm.Facts.Path)
        ? command.Decide(alarm)
        : throw new ProblemException(403, "Not allowed.", $"The alarm that this report identifies lies outside these paths: {limit}.");

    /// <summary>What was wrong, in one line for each fault: <c>alarms[3].name: A name is required.</c></summary>
    public IEnumerable<string> Faults() => Each((path, message) => $"{path}: {message}");

    /// <returns>When all that fitted is on durable storage.</returns>
    /// <exception cref="ProblemException">503 when the store cannot take it.</exception>
    public async Task WriteAsync(AlarmWriter writer)
    {
        if (accepted.Count + rejected.Count == 0) writer.NoteSignOfLife(limit);
        foreach (var part in commands.Chunk(TransactionSize)) await writer.WriteAsync(part);
    }

    /// <inheritdoc cref="WriteAsync"/>
    /// <exception cref="ProblemException">400: none fitted; 503 when the store cannot take it.</exception>
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
