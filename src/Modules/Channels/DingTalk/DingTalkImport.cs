using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Channels.AccountImport;
using Notify.Kernel;

namespace Notify.Channels.DingTalk;

/// <summary>Reads members from the contacts file exported by DingTalk's admin console, with the columns 员工UserID and 姓名.</summary>
internal sealed class DingTalkImport : IAccountImport
{
    private static readonly AccountSheetReader reader = new()
    {
        Sheet = "员工信息表",
        AccountHeaders = new HashSet<string>(["员工UserID", "UserID", "员工ID", "成员UserID", "账号", "account"], StringComparer.OrdinalIgnoreCase),
        NameHeaders = new HashSet<string>(["姓名", "员工姓名", "成员姓名", "名字", "name"], StringComparer.OrdinalIgnoreCase),
        Wanted = "Send the .xlsx or .csv file that DingTalk's admin console exports.",
        WantedHeader =
            "None of the first 20 rows is a header with 姓名 (name) and 员工UserID (user ID). Export the members from DingTalk's contacts.",
        FaultOfAccount = DingTalkUserId.FaultOf,
    };

    public AccountSheet Read(string fileName, Stream content) => reader.Read(fileName, content);

    public (JsonObject Settings, ImportPlan Plan) Apply(JsonObject settings, AccountSheet sheet, ImportMode mode, Errors errors)
    {
        var current = DescribedSettings<DingTalkSettings>.Of(settings);
        var plan = ImportPlan.Make(
            [.. current.Members.Select(x => new NamedAccount(x.UserId, x.Name ?? ""))], sheet, mode, DingTalkSettings.MaxMembers);
        if (plan.Accounts.Count == 0 && current.SendsToMembers) errors.Add("file", "The service sends to members, but no member would be left.");
        var changed = settings.DeepClone().AsObject();
        changed["members"] = JsonSerializer.SerializeToNode(
            plan.Accounts.Select(x => new DingTalkMember(x.Account, x.Name.Length > 0 ? x.Name : null)), NotifyJson.Options);
        return (changed, plan);
    }
}
