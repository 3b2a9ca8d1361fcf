using System.Text;
using Notify.Channels.AccountImport;
using Notify.Channels.Sheets;
using Notify.Kernel;

namespace Notify.Channels.WeCom;

/// <summary>
/// The members in an export of WeCom's contacts. Its first rows are instructions and the ninth is the header, but nothing depends on that:
/// the header is the first row that names both the member and the account, in either spelling.
/// </summary>
public static class MemberSheet
{
    public const int MaxRows = 20_000;
    private const int HeaderWithin = 20;

    /// <summary>WeCom marks the person that a fresh template shows as an example so.</summary>
    private const string Sample = "示例";

    private static readonly HashSet<string> accountHeaders = new(
        ["帐号", "账号", "成员帐号", "成员账号", "企业微信帐号", "企业微信账号", "员工帐号", "员工账号", "账户", "帐户", "userid", "account", "id"], StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> nameHeaders = new(["姓名", "名字", "成员姓名", "员工姓名", "名称", "name"], StringComparer.OrdinalIgnoreCase);

    /// <summary>The sheet is the one that WeCom names so, or else the first.</summary>
    /// <exception cref="ProblemException">400: it is no such file, has no header, or too many rows.</exception>
    public static AccountSheet Read(string fileName, Stream content) =>
        Read(CellReader.Read(fileName, content, "成员列表", "Send the .xlsx or .csv file that WeCom's admin console exports."));

    private static AccountSheet Read(IEnumerable<CellRow> rows)
    {
        (int Account, int Name)? columns = null;
        var (count, accounts, skipped) = (0, new List<AccountRow>(), new List<SkippedRow>());
        var seen = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var (number, cells) in rows)
        {
            if (number > MaxRows) throw ProblemException.Invalid("file", $"The file has more than {MaxRows} rows.");
            if (columns is not { } at)
            {
                columns = HeaderIn(cells);
                if (columns is null && number >= HeaderWithin) break;
                continue;
            }

            var (account, name) = (AccountIn(Cell(cells, at.Account)), Names.Kept(Cell(cells, at.Name)));
            if (cells.All(x => x.Length == 0)) continue;
            count++;
            if (Fault(account, name) is { } fault) skipped.Add(new SkippedRow(number, account.Length is > 0 and <= 64 ? account : null, fault));
            else if (!seen.TryAdd(account, number)) skipped.Add(new SkippedRow(number, account, $"The account is already in row {seen[account]}."));
            else accounts.Add(new AccountRow(number, account, name));
        }

        return columns is not null
            ? new AccountSheet(count, accounts, skipped)
            : throw ProblemException.Invalid("file",
                $"None of the first {HeaderWithin} rows is a header with 姓名 (name) and 账号 (account). Export the members from WeCom's contacts.");
    }

    private static string? Fault(string account, string name)
    {
        if (name.Contains(Sample, StringComparison.Ordinal)) return "This is the template's sample row.";
        if (account.Length == 0) return "The account is missing.";
        if (!WeComSettingsInput.IsAccount(account)) return "An account has 1 to 64 letters, digits, dots, hyphens, underscores or @ signs.";
        if (name.Length == 0) return "The name is missing.";
        // What a spreadsheet would calculate, were the list ever exported again.
        if (name[0] is '=' or '+' or '-' or '@') return "The name begins like a formula.";
        return WeComSettingsInput.FaultOfAccountName(name);
    }

    private static (int Account, int Name)? HeaderIn(IReadOnlyList<string> cells)
    {
        var headers = cells.Select((_, i) => Plain(Cell(cells, i))).ToList();
        var (account, name) = (headers.FindIndex(accountHeaders.Contains), headers.FindIndex(nameHeaders.Contains));
        return account >= 0 && name >= 0 ? (account, name) : null;
    }

    /// <summary>A header without marks of required fields (<c>*</c>, <c>（必填）</c>), gaps and widths.</summary>
    private static string Plain(string header)
    {
        var text = header.Normalize(NormalizationForm.FormKC);
        var note = text.IndexOf('(', StringComparison.Ordinal);
        return new string([.. (note > 0 ? text[..note] : text).Where(c => !char.IsWhiteSpace(c) && c != '*')]);
    }

    /// <summary><c>old:new</c> renames an account that WeCom had made up; it is reached by the new one.</summary>
    private static string AccountIn(string text)
    {
        var plain = text.Normalize(NormalizationForm.FormKC);
        return plain.Split(':') is [{ Length: > 0 }, { Length: > 0 } renamed] ? renamed.Trim() : plain;
    }

    /// <summary><c>="0012"</c> is how a spreadsheet is kept from taking an account for a number: it says 0012.</summary>
    private static string Cell(IReadOnlyList<string> cells, int column) => column >= cells.Count ? "" : cells[column] switch
    {
        ['=', '"', .. var text, '"'] => text.Replace("\"\"", "\"", StringComparison.Ordinal).Trim(),
        var plain => plain,
    };
}
