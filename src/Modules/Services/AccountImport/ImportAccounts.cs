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
/// file's name, even if no account differs. <c>POST /services/accounts/import/preview?type=…</c> only reads a file, for a service that is being
/// added.
/// </summary>
public sealed class ImportAccounts(ResourceStore<Service, ServiceSettings> store, ChannelCatalog channels, KnownSecrets secrets)
{
    /// <summary>The result, or what it would be.</summary>
    /// <param name="Version">The version of the service afterwards.</param>
    public sealed record Answer(
        ImportMode Mode, string File, int Rows, int Added, int Updated, int Unchanged, int Removed,
        IReadOnlyList<SkippedRow> Skipped, IReadOnlyList<AccountChange> Changes, long Version);

    /// <summary>What a file contains.</summary>
    /// <param name="Rows">The number of rows below the header.</param>
    public sealed record Content(string File, int Rows, IReadOnlyList<AccountRow> Accounts, IReadOnlyList<SkippedRow> Skipped);

    /// <param name="type">The type of the service.</param>
    /// <param name="fileName">Its extension states the type: <c>.xlsx</c> or <c>.csv</c>.</param>
    /// <exception cref="ProblemException">400: there is no such type, or its services have no accounts, or the file cannot be read.</exception>
    public Content Read(string? type, string fileName, Stream content)
    {
        if (channels.Find(type)?.AccountImport is not { } import) throw ProblemException.Invalid("type", $"Services of the type '{type}' have no accounts.");
        var name = PlainName(fileName);
        var sheet = Masked(import.Read(name, content));
        return new(name, sheet.RowCount, sheet.Accounts, sheet.Skipped);
    }

    /// <summary>Refuses early what <see cref="RunAsync"/> would refuse with any file.</summary>
    /// <exception cref="ProblemException">404, 428 or 412.</exception>
    public Task<Service> CheckAsync(string id, ImportMode mode, ExpectedVersion? expected, CancellationToken cancellation) =>
        store.CheckAsync(id, mode == ImportMode.Preview ? ExpectedVersion.Any : expected, cancellation);

    /// <param name="previewed">The mode whose effect a preview shows.</param>
    /// <param name="expected">May be null for a preview.</param>
    /// <param name="fileName">Its extension states the type: <c>.xlsx</c> or <c>.csv</c>.</param>
    /// <exception cref="ProblemException">
    /// 400: the file cannot be read, or the resulting settings are invalid; 404: there is no such service; 409: it has no accounts; 412 or 428: the
    /// expected version.
    /// </exception>
    public async Task<Answer> RunAsync(
        string id, ImportMode mode, ImportMode previewed, ExpectedVersion? expected, string fileName, Stream content, AuditContext audit,
        CancellationToken cancellation)
    {
        var service = await CheckAsync(id, mode, expected, cancellation);
        var name = PlainName(fileName);
        var sheet = Masked(ImportOf(service).Read(name, content));
        var plan = ImportOf(service).Apply(SettingsOf(service), sheet, mode == ImportMode.Preview ? previewed : mode, new Errors()).Plan;
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
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/services/accounts/import/preview", async (HttpContext http, ImportAccounts import) =>
        {
            var file = await UploadedFile.ReadAsync(http.Request, http.RequestAborted);
            await using var content = file.OpenReadStream();
            var read = import.Read(http.Query().Text("type"), file.FileName, content);
            return read with { Skipped = InCallersLanguage(read.Skipped, http) };
        })
            .Query(new QueryParameter("type") { Description = "The type of the service, as in GET /channels.", IsRequired = true })
            .WithTags("services").Requires(Permission.ConfigurationChange)
            .Document(
                "readAccounts", "Read accounts from a file",
                "Reads the .xlsx or .csv file that the platform's admin console exports from its contacts, for a service of the given type that is "
                + "being added. Nothing is stored. Each skipped row is listed with its number and reason.")
            .Takes("multipart/form-data");
        routes.MapPost("/api/v1/services/{id}/accounts/import", async (string id, HttpContext http, ImportAccounts import) =>
        {
            var mode = ReadMode("mode", http.Query().Text("mode"));
            var previewed = http.Query().Text("as") is { } given ? ReadMode("as", given) : ImportMode.Merge;
            var expected = mode == ImportMode.Preview ? null : http.IfMatch();
            // Checked before the file is read, so that a stale version or a wrong address is reported first.
            await import.CheckAsync(id, mode, expected, http.RequestAborted);
            var file = await UploadedFile.ReadAsync(http.Request, http.RequestAborted);
            await using var content = file.OpenReadStream();
            var answer = await import.RunAsync(id, mode, previewed, expected, file.FileName, content, http.Audit(), http.RequestAborted);
            http.Response.Headers.ETag = $"\"{answer.Version}\"";
            return answer with { Skipped = InCallersLanguage(answer.Skipped, http) };
        })
            .Query(QueryParameter.OneOf("mode", "preview", "merge", "replace").Required, QueryParameter.OneOf("as", "merge", "replace"))
            .WithTags("services").Idempotent().Requires(Permission.ConfigurationChange).MayNeedApproval("service")
            .Document(
                "importAccounts", "Import accounts",
                "Reads the .xlsx or .csv file that the platform's admin console exports from its contacts. merge adds and renames accounts; replace "
                + "also removes accounts that are not in the file; preview shows what merge would do, or with as=replace what replace would do. Each "
                + "skipped row is listed with its number and reason.")
            .Takes("multipart/form-data").ChangesVersion("The ETag of the service. Required unless mode is preview.", isRequired: false);
    }

    private static SkippedRow[] InCallersLanguage(IReadOnlyList<SkippedRow> skipped, HttpContext http) =>
        [.. skipped.Select(x => x with { Reason = http.InCallersLanguage(x.Reason) })];

    private static ImportMode ReadMode(string parameter, string? text) => (parameter, text) switch
    {
        ("mode", "preview") => ImportMode.Preview,
        (_, "merge") => ImportMode.Merge,
        (_, "replace") => ImportMode.Replace,
        ("mode", _) => throw ProblemException.Invalid("mode", "Give preview, merge or replace."),
        _ => throw ProblemException.Invalid(parameter, "Give merge or replace."),
    };
}
