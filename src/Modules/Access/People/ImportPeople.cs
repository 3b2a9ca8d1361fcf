using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Marten;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Resources;

namespace Notify.Access.People;

/// <summary>People were imported from a file. Each person who was added or changed has an event of their own. Stream <c>peopleimport-…</c>.</summary>
/// <param name="Proposed">How many rows became proposals.</param>
public sealed record PeopleImported(string File, int Rows, int Added, int Updated, int Skipped, int Proposed = 0);

[JsonConverter(typeof(JsonStringEnumConverter<PeopleImportMode>))]
public enum PeopleImportMode
{
    /// <summary>Shows what a merge would do.</summary>
    [JsonStringEnumMemberName("preview")] Preview,

    /// <summary>Adds people and changes existing ones; removes nobody.</summary>
    [JsonStringEnumMemberName("merge")] Merge,
}

/// <summary>
/// <c>POST /users/import?mode=preview|merge</c>: imports people from a CSV or .xlsx file. An invalid row is skipped with the reason; the others are
/// imported. People are matched by user name; an empty cell leaves the field unchanged. <c>GET /users/export</c> writes such a file. Neither contains
/// passwords.
/// </summary>
public sealed class ImportPeople(
    ResourceStore<User, UserSettings> store, ResourceKind<User, UserSettings> kind, PeopleCache people, IDocumentStore documents,
    EventBatches batches, TimeProvider time)
{
    /// <param name="Row">The number of the row in the spreadsheet, from 1.</param>
    public sealed record SkippedPerson(int Row, string? UserName, string Reason);

    /// <param name="Change"><c>added</c> or <c>updated</c>.</param>
    public sealed record ImportedPerson(int Row, string UserName, string Name, string Change);

    /// <param name="Change"><c>added</c> or <c>updated</c>, with the approval.</param>
    /// <param name="Proposal">The id of the proposal.</param>
    public sealed record ProposedPerson(int Row, string UserName, string Name, string Change, string Proposal);

    /// <param name="Proposed">Rows that became proposals, since the policy requires approval.</param>
    public sealed record Answer(
        PeopleImportMode Mode, string File, int Rows, int Added, int Updated, int Unchanged, IReadOnlyList<SkippedPerson> Skipped,
        IReadOnlyList<ImportedPerson> Changes, IReadOnlyList<ProposedPerson> Proposed);

    /// <exception cref="ProblemException">400: the file is not readable.</exception>
    public async Task<Answer> RunAsync(
        PeopleImportMode mode, string fileName, Stream content, AuditContext audit, CancellationToken cancellation)
    {
        var rows = PeopleSheet.Read(fileName, content);
        var (skipped, changes, proposed, unchanged) = (new List<SkippedPerson>(), new List<ImportedPerson>(), new List<ProposedPerson>(), 0);
        await using (var session = documents.QuerySession()) await kind.LookUpAsync(session, cancellation);
        var now = await people.ReadAsync(cancellation);
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            try
            {
                if (!seen.TryAdd(Names.KeyOf(row.UserName), row.Number))
                    throw ProblemException.Conflict($"The user name is already in row {seen[Names.KeyOf(row.UserName)]}.");
                var current = now.FindUserNamed(row.UserName);
                var body = current is null ? [] : kind.Shown(current);
                row.ApplyTo(body);
                if (current is not null && JsonNode.DeepEquals(body, kind.Shown(current)))
                {
                    unchanged++;
                    continue;
                }

                Check(body, current, now, audit);
                var (name, change) = ((string?)body["name"] ?? "", current is null ? "added" : "updated");
                // Each row is a change, and if needed a proposal, of its own.
                if (mode == PeopleImportMode.Merge && await WriteAsync(current, body, audit, cancellation) is { } proposal)
                    proposed.Add(new(row.Number, row.UserName, name, change, proposal));
                else
                    changes.Add(new(row.Number, row.UserName, name, change));
            }
            catch (ProblemException e) when (e.Status < 500)
            {
                skipped.Add(new(row.Number, row.UserName.Length == 0 ? null : Errors.Cut(row.UserName, 64), e.Detail ?? e.Title));
            }
        }

        var answer = new Answer(
            mode, PlainName(fileName), rows.Count, changes.Count(x => x.Change == "added"), changes.Count(x => x.Change == "updated"), unchanged, skipped,
            changes, proposed);
        if (mode == PeopleImportMode.Merge) await RecordAsync(answer, audit, cancellation);
        return answer;
    }

    /// <summary>All people, as a file that can be imported.</summary>
    public async Task<string> ExportAsync(CancellationToken cancellation)
    {
        await using var session = documents.QuerySession();
        await kind.LookUpAsync(session, cancellation);
        var now = await people.ReadAsync(cancellation);
        return PeopleSheet.Write(now.Users.OrderBy(x => x.NameKey, StringComparer.Ordinal).Select(kind.Shown));
    }

    /// <returns>The id of the proposal; null: the change was made.</returns>
    private async Task<string?> WriteAsync(User? current, JsonObject body, AuditContext audit, CancellationToken cancellation)
    {
        body.Remove("status");
        try
        {
            if (current is null) await store.CreateAsync(body, audit, null, cancellation);
            else await store.ReplaceAsync(current.Id, new ExpectedVersion([current.Version]), body, audit, cancellation);
            return null;
        }
        catch (ChangeProposedException e)
        {
            return e.Id;
        }
    }

    /// <summary>The checks that the store makes when it writes, so that a preview reports them too.</summary>
    private static void Check(JsonObject body, User? current, PeopleSnapshot now, AuditContext audit)
    {
        var errors = new Errors();
        ResourceFields.Read(body, errors);
        var input = ResourceFields.Deserialize<UserInput>(ResourceFields.SettingsOf(body), "", errors)?.Checked(errors);
        var roles = input is null ? [] : now.ReadRoles(input.Roles, errors);
        errors.ThrowIfAny();
        var after = new User { Id = current?.Id ?? "", Name = input!.UserName, Enabled = current?.Enabled ?? true, Settings = input.Kept(roles) };
        now.Check(
            now.With(current, after), now.GrantedBy(roles).Concat(now.GrantedBy(current?.Settings.Roles)), audit.Actor, current?.Settings.Paths,
            input.Paths);
    }

    private async Task RecordAsync(Answer answer, AuditContext audit, CancellationToken cancellation)
    {
        await using var session = documents.LightweightSession();
        var events = batches.New();
        events.Append(
            Ids.New("peopleimport", time.GetUtcNow()), 1,
            new PeopleImported(answer.File, answer.Rows, answer.Added, answer.Updated, answer.Skipped.Count, answer.Proposed.Count), audit);
        events.QueueTo(session);
        await session.SaveChangesAsync(cancellation);
    }

    /// <summary>The name for the event: without folders and without unprintable characters.</summary>
    private static string PlainName(string name)
    {
        var plain = new string([.. name.Split('/', '\\')[^1].Where(c => !char.IsControl(c) && !char.IsSurrogate(c))]).Trim();
        return plain.Length <= 200 ? plain : plain[^200..];
    }
}
