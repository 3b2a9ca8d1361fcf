using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Channels;
using Notify.Channels.AccountImport;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;

namespace Notify.Services.AccountImport;

/// <summary>
/// <c>POST /services/{id}/accounts/import?mode=preview|merge|replace</c>: imports the accounts of a service from a file exported by its platform's
/// console. A preview changes nothing; the other modes change the service and need <c>If-Match</c>. The import is recorded as one change with the
/// file's name, even if no account differs.
/// </summary>
public sealed class ImportAccounts(ResourceStore<Service, ServiceSettings> store, ChannelCatalog channels, KnownSecrets secrets)
{
    /// <summary>The result, or what it would be.</summary>
    /// <param name="Version">The version of the service afterwards.</param>
    public sealed record Answer(
        ImportMode Mode, string File, int Rows, int Added, int Updated, int Unchanged, int Removed,
        IReadOnlyList<SkippedRow> Skipped, IReadOnlyList<AccountChange> Changes, long Version);

    /// <summary>Refuses early what <see cref="RunAsync"/> would refuse with any file.</summary>
    /// <exception cref="ProblemException">404, 428 or 412.</exception>
    public Task<Service> CheckAsync(string id, ImportMode mode, ExpectedVersion? expected, CancellationToken cancellation) =>
        store.CheckAsync(id, mode == ImportMode.Preview ? ExpectedVersion.Any : expected, cancellation);

    /// <param name="expected">May be null for a preview.</param>
    /// <param name="fileName">Its extension states the type: <c>.xlsx</c> or <c>.csv</c>.</param>
    /// <exception cref="ProblemException">
    /// 400: the file cannot be read, or the resulting settings are invalid; 404: there is no such service; 409: it has no accounts; 412 or 428: the
    /// expected version.
    /// </exception>
    public async Task<Answer> RunAsync(
        string id, ImportMode mode, ExpectedVersion? expected, string fileName, Stream content, AuditContext audit, CancellationToken cancellation)
    {
        var service = await CheckAsync(id, mode, expected, cancellation);
        var name = PlainName(fileName);
        var sheet = Masked(ImportOf(service).Read(name, content));
        var plan = ImportOf(service).Apply(SettingsOf(service), sheet, mode, new Errors()).Plan;
        if (mode != ImportMode.Preview)
        {
            service = await store.ChangeSettingsAsync(
                id, expected,
                (current, errors) =>
                {
                    (var applied, plan) = ImportOf(current).Apply(SettingsOf(current), sheet, mode, errors);
                    var settings = ServiceSettings.Of(channels.Of(current.Settings.Type), applied);
                    return (settings, new ServiceAccountsImported(
                        current.Name, current.Description, settings, name, mode, sheet.RowCount, plan.Added, plan.Updated, plan.Removed,
                        plan.Skipped.Count));
                },
                audit, cancellation);
        }

        return new Answer(mode, name, sheet.RowCount, plan.Added, plan.Updated, plan.Unchanged, plan.Removed, plan.Skipped, plan.Changes,
            service.Version);
    }

    private IAccountImport ImportOf(Service service) =>
        channels.Of(service.Settings.Type).AccountImport
        ?? throw ProblemException.Conflict($"The service '{service.Name}' has no accounts: it is of type {service.Settings.Type}.");

    private JsonObject SettingsOf(Service service) => service.Settings.In(channels.Of(service.Settings.Type));

    private AccountSheet Masked(AccountSheet sheet) => sheet with
    {
        Accounts = [.. sheet.Accounts.Select(x => x with { Account = secrets.Mask(x.Account), Name = secrets.Mask(x.Name) })],
    };

    /// <summary>The file's name as recorded: without folders, unprintable characters and secrets.</summary>
    private string PlainName(string name)
    {
        var plain = new string([.. name.Split('/', '\\')[^1].Where(c => !char.IsControl(c) && !char.IsSurrogate(c))]).Trim();
        plain = secrets.Mask(plain);
        return plain.Length <= 200 ? plain : plain[^200..];
    }
}

/// <summary>The file is sent as form data, as browsers do.</summary>
internal static class ImportAccountsEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/services/{id}/accounts/import", async (string id, HttpContext http, ImportAccounts import) =>
        {
            var mode = ReadMode(http.Query().Text("mode"));
            var expected = mode == ImportMode.Preview ? null : http.IfMatch();
            // Checked before the file is read, so that a stale version or a wrong address is reported first.
            await import.CheckAsync(id, mode, expected, http.RequestAborted);
            var file = await UploadedFile.ReadAsync(http.Request, http.RequestAborted);
            await using var content = file.OpenReadStream();
            var answer = await import.RunAsync(id, mode, expected, file.FileName, content, http.Audit(), http.RequestAborted);
            http.Response.Headers.ETag = $"\"{answer.Version}\"";
            return answer with { Skipped = [.. answer.Skipped.Select(x => x with { Reason = http.InCallersLanguage(x.Reason) })] };
        })
            .Query(QueryParameter.OneOf("mode", "preview", "merge", "replace").Required)
            .WithTags("services").Idempotent().Requires(Permission.ConfigurationChange).MayNeedApproval("service")
            .Document(
                "importAccounts", "Import accounts",
                "Reads the .xlsx or .csv file that the platform's admin console exports from its contacts. preview shows what merge would do; merge "
                + "adds and renames accounts; replace also removes accounts that are not in the file. Each skipped row is listed with its "
                + "number and reason.")
            .Takes("multipart/form-data").ChangesVersion("The ETag of the service. Required unless mode is preview.", isRequired: false);

    private static ImportMode ReadMode(string? text) => text switch
    {
        "preview" => ImportMode.Preview,
        "merge" => ImportMode.Merge,
        "replace" => ImportMode.Replace,
        _ => throw ProblemException.Invalid("mode", "Give preview, merge or replace."),
    };
}
