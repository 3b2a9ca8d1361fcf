using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Services.WeCom;

namespace Notify.Services.AccountImport;

/// <summary>
/// <c>POST /services/{id}/accounts/import?mode=preview|merge|replace</c>: the accounts of a WeCom service from the file that WeCom's admin console exports.
/// A preview changes nothing; the others change the service and need <c>If-Match</c>. It is recorded as one change, with the file's name, also when all
/// accounts were there already.
/// </summary>
public static class ImportAccounts
{
    private const int MaxFileBytes = 5 * 1024 * 1024;

    private sealed record Answer(
        ImportMode Mode, string File, int Rows, int Added, int Updated, int Unchanged, int Removed,
        IReadOnlyList<SkippedRow> Skipped, IReadOnlyList<AccountChange> Changes, long Version);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/services/{id}/accounts/import", async (string id, HttpContext http, ResourceStore<Service, ServiceSettings> store) =>
        {
            var cancellation = http.RequestAborted;
            var mode = ReadMode(http.Query().Text("mode"));
            var expected = mode == ImportMode.Preview ? new ExpectedVersion(Versions: null) : http.IfMatch();
            var service = await store.CheckAsync(id, expected, cancellation);
            var file = await ReadFileAsync(http.Request, cancellation);
            await using var content = file.OpenReadStream();
            var name = PlainName(file.FileName);
            var sheet = AccountSheet.Read(CellReader.Read(name, content));

            var plan = Plan(service, sheet, mode);
            if (mode != ImportMode.Preview)
            {
                service = await store.ChangeSettingsAsync(
                    id, expected,
                    (current, errors) =>
                    {
                        plan = Plan(current, sheet, mode);
                        var weCom = current.Settings.WeCom! with { Accounts = plan.Accounts };
                        if (plan.Accounts.Count == 0 && weCom.SendsToAccounts)
                            errors.Add("file", "The service sends to accounts, but no account would be left.");
                        var settings = current.Settings with { WeCom = weCom };
                        return (settings, new ServiceAccountsImported(
                            current.Name, current.Description, settings, name, mode, sheet.RowCount, plan.Added, plan.Updated, plan.Removed, plan.Skipped.Count));
                    },
                    http.Audit(), cancellation);
            }

            http.Response.Headers.ETag = $"\"{service.Version}\"";
            return new Answer(
                mode, name, sheet.RowCount, plan.Added, plan.Updated, plan.Unchanged, plan.Removed,
                [.. plan.Skipped.Select(x => x with { Reason = http.InCallersLanguage(x.Reason) })], plan.Changes, service.Version);
        })
            .Query(QueryParameter.OneOf("mode", "preview", "merge", "replace").Required)
            .WithTags("services").Idempotent().Requires(Permission.ConfigurationChange)
            .Document(
                "importAccounts", "Import accounts",
                "Reads the .xlsx or .csv file that the WeCom admin console exports from Contacts. preview shows what merge would do; merge "
                + "adds and renames accounts; replace also removes accounts that are not in the file. Each skipped row is listed with its "
                + "number and reason.")
            .Takes("multipart/form-data").ChangesVersion("The ETag of the service. Required unless mode is preview.", isRequired: false);

    private static ImportPlan Plan(Service service, AccountSheet sheet, ImportMode mode) =>
        ImportPlan.Make(
            service.Settings.WeCom?.Accounts ?? throw ProblemException.Conflict($"The service '{service.Name}' has no accounts: it is of type {service.Settings.Type}."),
            sheet, mode);

    private static ImportMode ReadMode(string? text) => text switch
    {
        "preview" => ImportMode.Preview,
        "merge" => ImportMode.Merge,
        "replace" => ImportMode.Replace,
        _ => throw ProblemException.Invalid("mode", "Give preview, merge or replace."),
    };

    private static async Task<IFormFile> ReadFileAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (!request.HasFormContentType || !request.ContentType!.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            throw new ProblemException(415, "Unsupported media type.", "Send the file as multipart/form-data, in the part named file.");
        if (request.ContentLength > MaxFileBytes + 64 * 1024) throw TooLarge();
        try
        {
            var form = await request.ReadFormAsync(new FormOptions { MultipartBodyLengthLimit = MaxFileBytes, ValueCountLimit = 16, MemoryBufferThreshold = MaxFileBytes }, cancellation);
            if (form.Files is not [{ Name: "file" } file]) throw ProblemException.Invalid("file", "Send one file, in the part named file.");
            return file;
        }
        catch (InvalidDataException e) when (e.Message.Contains("length limit", StringComparison.OrdinalIgnoreCase))
        {
            throw TooLarge();
        }
        catch (Exception e) when (e is InvalidDataException || (e is IOException && !request.HttpContext.RequestAborted.IsCancellationRequested && e is not BadHttpRequestException))
        {
            throw ProblemException.Invalid("", "The body is not a well-formed multipart/form-data.");
        }
    }

    private static ProblemException TooLarge() => new(413, "Too large.", "The file may have at most 5 MiB.");

    /// <summary>For the record: without folders, without what cannot be printed.</summary>
    private static string PlainName(string name)
    {
        var plain = new string([.. name.Split('/', '\\')[^1].Where(c => !char.IsControl(c) && !char.IsSurrogate(c))]).Trim();
        return plain.Length <= 200 ? plain : plain[^200..];
    }
}
