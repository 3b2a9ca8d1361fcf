using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;
using Notify.Operation.Rebuild;

namespace Notify.Operation.Transfer;

/// <summary>
/// <c>GET /configuration/export</c>, <c>POST /configuration/import</c> and <c>GET /configuration/recipient</c>. Secrets are exported only sealed, and
/// only for installations that the settings name (<c>Notify:Transfer:Recipients:&lt;name&gt;</c> = its public key): otherwise any caller could have
/// them sealed for a key of their own.
/// </summary>
public static class TransferEndpoints
{
    internal sealed record Recipient(string PublicKey);

    /// <param name="InUse">What is disabled or deleted although something that is enabled afterwards uses it.</param>
    /// <param name="Confirm">The number to confirm: how many rules use those in total, or if none does, how many drills; 0: there is nothing to
    /// confirm.</param>
    internal sealed record Answer(bool DryRun, bool Applied, IReadOnlyList<TransferChange> Changes, IReadOnlyList<UsedResource> InUse, int Confirm);

    public static void MapConfigurationTransfer(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/configuration").WithTags("configuration");
        RebuildTables.Map(group);
        group.MapGet("/recipient", (TransferKey key) => new Recipient(key.PublicKey)).Requires(Permission.ConfigurationRead)
            .Document(
                "getRecipient", "Public key for sealed secrets",
                "The public key with which another installation can seal the secrets of its export, so that only this installation can open them.");

        group.MapGet("/export", async (HttpContext http, ConfigurationTransfer transfer) =>
        {
            var query = http.Query();
            var format = query.OneOf("format", DocumentText.Yaml, DocumentText.Json)
                ?? (TakesOnlyJson(http.Request) ? DocumentText.Json : DocumentText.Yaml);
            var withIds = query.Flag("ids") ?? false;
            var (isSealed, name) = (query.OneOf("secrets", "none", "sealed") == "sealed", query.Text("recipient"));
            if (name is not null && !isSealed) query.Fault("recipient", "recipient requires secrets=sealed.");
            query.ThrowIfInvalid();
            var recipient = isSealed ? transfer.RecipientNamed(name) : null;
            if (recipient is not null) http.Demand(Permission.ConfigurationSecrets);
            var document = await transfer.ExportAsync(format, withIds, recipient, http.Audit(), http.RequestAborted);
            http.Response.Headers.ContentDisposition = $"attachment; filename=\"notify-configuration.{format}\"";
            return Results.Text(DocumentText.Write(document, format), $"application/{format}", Encoding.UTF8);
        })
            .Query(
                QueryParameter.OneOf("format", "yaml", "json"), QueryParameter.Flag("ids"), QueryParameter.OneOf("secrets", "none", "sealed"),
                "recipient")
            .Requires(Permission.ConfigurationRead).MayRequire(Permission.ConfigurationSecrets, "for secrets=sealed")
            .Document(
                "exportConfiguration", "Export the configuration",
                "All services, messages, schedules, rules, drills and expected sources as one document whose references are names. Secrets are left out, or sealed for "
                + "a recipient named in the settings.")
            .AnswersFile("The whole configuration. JSON is sent to clients that accept nothing else.", "application/json", "application/yaml");

        group.MapPost("/import", async (HttpContext http, ConfigurationTransfer transfer) =>
        {
            var query = http.Query();
            var (dryRun, prune) = (query.Flag("dryRun") ?? false, query.Flag("prune") ?? false);
            var confirmed = query.Long("confirm", null, 0, int.MaxValue);
            query.ThrowIfInvalid();
            var document = await ReadAsync(http.Request);
            var (changes, inUse) = await transfer.ImportAsync(document, dryRun, prune, confirmed, http.Audit(), http.RequestAborted);
            return new Answer(dryRun, !dryRun && changes.Count > 0, changes, inUse, ResourceInUse.CountOf(inUse));
        }).Query(QueryParameter.Flag("dryRun"), QueryParameter.Flag("prune"), QueryParameter.Number("confirm", 0)).TakesSecrets().Idempotent()
            .Requires(Permission.ConfigurationChange).MayNeedApproval("rule", "service", "message", "schedule", "drill", "source")
            .Document(
                "importConfiguration", "Import a configuration",
                "Applies the whole document in one change, or nothing. dryRun shows the differences. A resource is found by id if given, "
                + "otherwise by name; prune deletes resources that the document does not list, within the kinds it lists. Importing the same "
                + "document again changes nothing. If enabled rules still use services that it disables or deletes, confirm must give the number of "
                + "these rules (if only drills use them, that of the drills); otherwise the answer is 409 and names them. A dry run shows them under "
                + "inUse, and the number as confirm.")
            .Takes("application/yaml", """
                notify: 1
                messages:
                  - name: Alarm text
                    status: enabled
                    type: wecom
                    format: text
                    content: '{level} {name}'
            
                """)
            .Takes<JsonObject>("""
                { "notify": 1, "messages": [ { "name": "Alarm text", "status": "enabled", "type": "wecom", "format": "text", "content": "{level} {name}" } ] }
                """);
    }

    /// <summary>Whether the client accepts only JSON, as generated clients do.</summary>
    private static bool TakesOnlyJson(HttpRequest request) =>
        request.GetTypedHeaders().Accept is { Count: > 0 } accepted
            && accepted.All(x => x.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase));

    private static async Task<JsonObject> ReadAsync(HttpRequest request)
    {
        var type = request.ContentType?.Split(';')[0].Trim();
        if (type is not ("application/yaml" or "application/x-yaml" or "text/yaml" or "text/x-yaml"))
        {
            if (!request.HasJsonContentType())
                throw new ProblemException(415, "Unsupported media type.", "Send YAML (application/yaml) or JSON (application/json).");
            return await request.ReadObjectAsync();
        }

        using var reader = new StreamReader(request.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        try
        {
            return DocumentText.ReadYaml(await reader.ReadToEndAsync(request.HttpContext.RequestAborted));
        }
        catch (DecoderFallbackException)
        {
            throw ProblemException.Invalid("", "The text is not valid UTF-8.");
        }
    }
}
