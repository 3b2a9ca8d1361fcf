using Notify.Channels.AccountImport;

namespace Notify.Channels.WeCom;

/// <summary>Reads the members from an export of WeCom's contacts: eight rows of instructions, then the header.</summary>
public static class MemberSheet
{
    private static readonly AccountSheetReader reader = new()
    {
        Sheet = "成员列表",
        AccountHeaders = new HashSet<string>(
            ["帐号", "账号", "成员帐号", "成员账号", "企业微信帐号", "企业微信账号", "员工帐号", "员工账号", "账户", "帐户", "userid", "account", "id"],
            StringComparer.OrdinalIgnoreCase),
        NameHeaders = new HashSet<string>(["姓名", "名字", "成员姓名", "员工姓名", "名称", "name"], StringComparer.OrdinalIgnoreCase),
        Wanted = "Send the .xlsx or .csv file that WeCom's admin console exports.",
        WantedHeader =
            "None of the first 20 rows is a header with 姓名 (name) and 账号 (account). Export the members from WeCom's contacts.",
        FaultOfAccount = x => WeComSettingsInput.IsAccount(x)
            ? null : "An account has 1 to 64 letters, digits, dots, hyphens, underscores or @ signs.",
        AccountIn = AccountIn,
    };

    /// <inheritdoc cref="AccountSheetReader.Read"/>
    public static AccountSheet Read(string fileName, Stream content) => reader.Read(fileName, content);

    /// <summary><c>old:new</c> renames an account that WeCom had generated; the new one is used.</summary>
    private static string AccountIn(string text) => text.Split(':') is [{ Length: > 0 }, { Length: > 0 } renamed] ? renamed.Trim() : text;
}
