using System.Text.Json.Nodes;
using Notify.Channels.AccountImport;
using Notify.Kernel;

namespace Notify.Channels.WeCom;

/// <summary>Imports the accounts from the file that WeCom's admin console exports from Contacts.</summary>
internal sealed class WeComImport : IAccountImport
{
    public AccountSheet Read(string fileName, Stream content) => MemberSheet.Read(fileName, content);

    public (JsonObject Settings, ImportPlan Plan) Apply(JsonObject settings, AccountSheet sheet, ImportMode mode, Errors errors)
    {
        var current = WeComRoutes.Read(settings);
        var plan = ImportPlan.Make([.. current.Accounts.Select(x => new NamedAccount(x.Account, x.Name))], sheet, mode, WeComSettings.MaxAccounts);
        if (plan.Accounts.Count == 0 && current.SendsToAccounts) errors.Add("file", "The service sends to accounts, but no account would be left.");
        return (WeComServiceSettings.Stored(current with { Accounts = [.. plan.Accounts.Select(x => new WeComAccount(x.Account, x.Name))] }), plan);
    }
}
