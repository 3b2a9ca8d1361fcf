using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Access.People;

/// <summary>The endpoints of <see cref="ImportPeople"/>.</summary>
internal static class ImportPeopleEndpoints
{
    public static void Map(RouteGroupBuilder users)
    {
        users.MapPost("/import", async (HttpContext http, ImportPeople import) =>
        {
            var query = http.Query();
            var mode = query.OneOf("mode", "preview", "merge");
            if (mode is null && query.Text("mode") is null) query.Fault("mode", "Give preview or merge.");
            query.ThrowIfInvalid();
            var file = await UploadedFile.ReadAsync(http.Request, http.RequestAborted);
            await using var content = file.OpenReadStream();
            var answer = await import.RunAsync(
                mode == "merge" ? PeopleImportMode.Merge : PeopleImportMode.Preview, file.FileName, content, http.Audit(), http.RequestAborted);
            answer = answer with { Skipped = [.. answer.Skipped.Select(x => x with { Reason = http.InCallersLanguage(x.Reason) })] };
            return TypedResults.Json(
                answer, NotifyJson.Options, statusCode: answer.Proposed.Count > 0 ? StatusCodes.Status202Accepted : StatusCodes.Status200OK);
        })
            .Query(QueryParameter.OneOf("mode", "preview", "merge").Required).Idempotent().Requires(Permission.PeopleManage)
            .MayNeedApprovals<ImportPeople.Answer>("user")
            .Document(
                "importUsers", "Import people",
                "Reads a .csv or .xlsx file whose header names fields of a person, in English as here or in Chinese. People are found by user name; an "
                + "empty cell leaves what is there. preview shows what merge would do. Each skipped row is listed with its number and reason; each that needs a second person "
                + "with its proposal, and then the answer is 202.")
            .Takes("multipart/form-data").Answers<ImportPeople.Answer>();

        users.MapGet("/export", async (HttpContext http, ImportPeople import) =>
        {
            var text = await import.ExportAsync(http.RequestAborted);
            http.Response.Headers.ContentDisposition = "attachment; filename=\"notify-people.csv\"";
            return Results.Text(text, "text/csv", Encoding.UTF8);
        }).Requires(Permission.PeopleRead)
            .Document("exportUsers", "Export people", "Everybody, as a .csv file that can be imported again. Without credentials.")
            .AnswersFile("Everybody.", "text/csv");
    }
}
