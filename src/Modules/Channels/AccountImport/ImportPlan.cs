using System.Text.Json.Serialization;

namespace Notify.Channels.AccountImport;

public enum ImportMode
{
    /// <summary>Shows what a merge would do.</summary>
    [JsonStringEnumMemberName("preview")]
    Preview,

    /// <summary>Adds and renames accounts; removes none.</summary>
    [JsonStringEnumMemberName("merge")]
    Merge,

    /// <summary>The file is complete: accounts that are not in it are removed. Those of skipped rows are in it, and stay as they are.</summary>
    [JsonStringEnumMemberName("replace")]
    Replace,
}

/// <param name="Account">The platform's identifier of the person.</param>
public sealed record NamedAccount(string Account, string Name);

/// <summary>An account that is added (<paramref name="From"/> is null), removed (<paramref name="To"/> is null) or renamed.</summary>
/// <param name="Row">The row in the file; null if removed.</param>
public sealed record AccountChange(int? Row, string Account, string? From, string? To);

/// <summary>The effect of an import on the existing accounts.</summary>
public sealed record ImportPlan(
    IReadOnlyList<NamedAccount> Accounts, IReadOnlyList<AccountChange> Changes, IReadOnlyList<SkippedRow> Skipped, int Unchanged)
{
    public int Added => Changes.Count(x => x.From is null);
    public int Removed => Changes.Count(x => x.To is null);
    public int Updated => Changes.Count - Added - Removed;

    /// <param name="most">The maximum number of accounts of a service.</param>
    public static ImportPlan Make(IReadOnlyList<NamedAccount> current, AccountSheet sheet, ImportMode mode, int most)
    {
        // Platforms ignore case in accounts; the stored spelling is kept, since rules refer to it.
        var stored = current.ToDictionary(x => x.Account, StringComparer.OrdinalIgnoreCase);
        var listed = sheet.Accounts.Select(x => x.Account).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var unread = sheet.Skipped.Select(x => x.Account).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        unread.ExceptWith(listed);
        List<NamedAccount> result = mode == ImportMode.Replace ? [.. current.Where(x => unread.Contains(x.Account))] : [.. current];
        var at = result.Select((x, i) => (x.Account, i)).ToDictionary(x => x.Account, x => x.i, StringComparer.OrdinalIgnoreCase);
        var (changes, skipped, unchanged) = (new List<AccountChange>(), new List<SkippedRow>(sheet.Skipped), 0);
        foreach (var (row, account, name) in sheet.Accounts)
        {
            var known = stored.GetValueOrDefault(account);
            if (!at.TryGetValue(account, out var place))
            {
                if (result.Count == most)
                {
                    skipped.Add(new SkippedRow(row, account, $"A service has at most {most} accounts."));
                    continue;
                }

                at[account] = place = result.Count;
                result.Add(known ?? new NamedAccount(account, name));
            }

            if (known is null) changes.Add(new AccountChange(row, account, null, name));
            else if (known.Name == name) unchanged++;
            else changes.Add(new AccountChange(row, known.Account, known.Name, name));
            result[place] = result[place] with { Name = name };
        }

        if (mode == ImportMode.Replace) changes.AddRange(
            current.Where(x => !at.ContainsKey(x.Account)).Select(x => new AccountChange(null, x.Account, x.Name, null)));
        return new ImportPlan(result, changes, [.. skipped.OrderBy(x => x.Row)], unchanged);
    }
}
