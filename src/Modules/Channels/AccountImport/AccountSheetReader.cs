using System.Text;
using Notify.Channels.Sheets;
using Notify.Kernel;

namespace Notify.Channels.AccountImport;

/// <summary>
/// Reads the accounts from an export of a platform's contacts. The first rows may be instructions; the header is the first row, of the first 20,
/// that has both an account column and a name column, in any of the given spellings.
/// </summary>
public sealed class AccountSheetReader
{
    public const int MaxRows = 20_000;
    private const int HeaderWithin = 20;

    /// <summary>Marks the example person in an unused template.</summary>
    private const string Sample = "示例";

    /// <summary>The name of the sheet to read; if no sheet has it, the first is read.</summary>
    public required string Sheet { get; init; }

    /// <summary>Compared ignoring spaces, character width, case and notes in brackets.</summary>
    public required IReadOnlySet<string> AccountHeaders { get; init; }

    /// <inheritdoc cref="AccountHeaders"/>
    public required IReadOnlySet<string> NameHeaders { get; init; }

    /// <summary>The error text if the file is neither a workbook nor a CSV file.</summary>
    public required string Wanted { get; init; }

    /// <summary>The error text if no header is found.</summary>
    public required string WantedHeader { get; init; }

    /// <summary>Returns what is wrong with an account; null: nothing.</summary>
    public required Func<string, string?> FaultOfAccount { get; init; }

    /// <summary>Extracts the account from a cell.</summary>
    public Func<string, string> AccountIn { get; init; } = x => x;

    /// <exception cref="ProblemException">400: the file cannot be read, has no header, or has too many rows.</exception>
    public AccountSheet Read(string fileName, Stream content)
    {
        (int Account, int Name)? columns = null;
        var (count, accounts, skipped) = (0, new List<AccountRow>(), new List<SkippedRow>());
        var seen = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var (number, cells) in CellReader.Read(fileName, content, Sheet, Wanted, HasHeader))
        {
            if (number > MaxRows) throw ProblemException.Invalid("file", $"The file has more than {MaxRows} rows.");
            if (columns is not { } at)
            {
                columns = HeaderIn(cells);
                if (columns is null && number >= HeaderWithin) break;
                continue;
            }

            var (account, name) = (AccountIn(Cell(cells, at.Account).Normalize(NormalizationForm.FormKC)), Names.Kept(Cell(cells, at.Name)));
            if (cells.All(x => x.Length == 0)) continue;
            count++;
            if (Fault(account, name) is { } fault) skipped.Add(new SkippedRow(number, account.Length is > 0 and <= 64 ? account : null, fault));
            else if (!seen.TryAdd(account, number)) skipped.Add(new SkippedRow(number, account, $"The account is already in row {seen[account]}."));
            else accounts.Add(new AccountRow(number, account, name));
        }

        return columns is not null ? new AccountSheet(count, accounts, skipped) : throw ProblemException.Invalid("file", WantedHeader);
    }

    private string? Fault(string account, string name)
    {
        if (name.Contains(Sample, StringComparison.Ordinal)) return "This is the template's sample row.";
        if (account.Length == 0) return "The account is missing.";
        if (FaultOfAccount(account) is { } fault) return fault;
        if (name.Length == 0) return "The name is missing.";
        // A spreadsheet would evaluate it if the list were ever exported again.
        if (name[0] is '=' or '+' or '-' or '@') return "The name begins like a formula.";
        return Names.FaultOf(name);
    }

    private bool HasHeader(IEnumerable<CellRow> rows) => rows.TakeWhile(x => x.Number <= HeaderWithin).Any(x => HeaderIn(x.Cells) is not null);

    private (int Account, int Name)? HeaderIn(IReadOnlyList<string> cells)
    {
        var headers = cells.Select((_, i) => Plain(Cell(cells, i))).ToList();
        var (account, name) = (headers.FindIndex(AccountHeaders.Contains), headers.FindIndex(NameHeaders.Contains));
        return account >= 0 && name >= 0 ? (account, name) : null;
    }

    /// <summary>Removes marks of required fields (<c>*</c>, <c>（必填）</c>), spaces and character width from a header.</summary>
    private static string Plain(string header)
    {
        var text = header.Normalize(NormalizationForm.FormKC);
        var note = text.IndexOf('(', StringComparison.Ordinal);
        return new string([.. (note > 0 ? text[..note] : text).Where(c => !char.IsWhiteSpace(c) && c != '*')]);
    }

    /// <summary>Reads <c>="0012"</c>, which keeps a spreadsheet from treating an account as a number, as 0012.</summary>
    private static string Cell(IReadOnlyList<string> cells, int column) => column >= cells.Count ? "" : cells[column] switch
    {
        ['=', '"', .. var text, '"'] => text.Replace("\"\"", "\"", StringComparison.Ordinal).Trim(),
        var plain => plain,
    };
}
