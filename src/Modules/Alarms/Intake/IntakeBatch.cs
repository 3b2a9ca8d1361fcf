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
    private readonly List<(AlarmCommand Command, AcceptedAlarm Answer)> valid = [];
    private List<RejectedAlarm> rejected = [];

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

        // A known alarm need not be reported with its path; the transaction finds where it lies.
        var isWithoutPath = command?.Said is { Report.SourceId: not null } said && !said.Given.HasFlag(ReportFields.Path);
        if (command is not null && !isWithoutPath && !limit.Allows(command.Path)) errors.Add("path", AlarmCommand.OutsideOf(limit));
        if (command is null || errors.Any)
        {
            rejected.Add(new RejectedAlarm(index, errors.ToDictionary()));
            return;
        }

        valid.Add((
            limit.IsNone ? command : command with { Within = limit },
            new AcceptedAlarm(index, command.AlarmId, audit.CorrelationId, warnings.Any ? warnings.ToDictionary() : null)));
    }

    /// <summary>The faults, one line each: <c>alarms[3].name: A name is required.</c></summary>
    public IEnumerable<string> Faults() => Each((path, message) => $"{path}: {message}");

    /// <returns>The recorded alarms, when all of them are on durable storage. One that was refused, because the known alarm lies outside the caller's
    /// paths, is among the faults.</returns>
    /// <exception cref="ProblemException">503: the database is unavailable.</exception>
    public async Task<IReadOnlyList<AcceptedAlarm>> WriteAsync(AlarmWriter writer)
    {
        if (valid.Count + rejected.Count == 0) writer.NoteSignOfLife(limit);
        var accepted = new List<AcceptedAlarm>(valid.Count);
        var isRefused = false;
        foreach (var part in valid.Chunk(TransactionSize))
        {
            var refusals = await writer.WriteEachAsync([.. part.Select(x => x.Command)]);
            foreach (var (i, (_, answer)) in part.Index())
            {
                if (refusals.TryGetValue(i, out var refusal)) Refuse(answer.Index, refusal);
                else accepted.Add(answer);
            }

            isRefused |= refusals.Count > 0;
        }

        if (isRefused) rejected = [.. rejected.OrderBy(x => x.Index)];
        return accepted;
    }

    /// <inheritdoc cref="WriteAsync"/>
    /// <exception cref="ProblemException">400: no alarm is accepted; 503 as for <see cref="WriteAsync"/>.</exception>
    public async Task<IntakeAnswer> WriteAnyAsync(AlarmWriter writer)
    {
        var accepted = await WriteAsync(writer);
        if (accepted.Count > 0 || rejected.Count == 0) return new(accepted, rejected);
        var errors = new Errors();
        foreach (var (path, message) in Each((path, message) => (path, message))) errors.Add(path, message);
        throw ProblemException.Invalid(errors);
    }

    private void Refuse(int index, ProblemException refusal)
    {
        var errors = new Errors();
        errors.Add("path", refusal.Detail ?? refusal.Title);
        rejected.Add(new RejectedAlarm(index, errors.ToDictionary()));
    }

    private IEnumerable<T> Each<T>(Func<string, string, T> of) =>
        from item in rejected
        from error in item.Errors
        from message in error.Value
        select of(JsonFault.Join($"{list}[{item.Index}]", error.Key), message);
}
