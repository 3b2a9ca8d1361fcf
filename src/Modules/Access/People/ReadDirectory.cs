using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel.Http;

namespace Notify.Access.People;

/// <summary><c>GET /directory</c>: the names of people and groups, for those who choose receivers or read who was told, and may not see what else is
/// known of people.</summary>
public sealed class ReadDirectory(PeopleCache people)
{
    /// <param name="Members">Ids of people.</param>
    public sealed record Group(string Id, string Name, bool Enabled, IReadOnlyList<string> Members);

    public sealed record Person(string Id, string Name, bool Enabled);

    /// <summary>Both by name.</summary>
    public sealed record Answer(IReadOnlyList<Person> People, IReadOnlyList<Group> Groups);

    public async Task<Answer> RunAsync(CancellationToken cancellation)
    {
        var now = await people.ReadAsync(cancellation);
        return new(
            [.. now.Users.Select(x => new Person(x.Id, x.Name, x.Enabled)).OrderBy(x => x.Name, StringComparer.Ordinal)],
            [.. now.Groups.Select(x => new Group(x.Id, x.Name, x.Enabled, x.Settings.Members)).OrderBy(x => x.Name, StringComparer.Ordinal)]);
    }

    /// <remarks>Shows nothing about alarms, so that paths limit nothing in it.</remarks>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/directory", (HttpContext http, ReadDirectory read) => read.RunAsync(http.RequestAborted))
            .WithTags("users").Requires(Permission.AlarmsRead).KeepsToPaths()
            .Document(
                "readDirectory", "Names of people and groups",
                "Everybody by id and name, and who is in which group: for choosing receivers, and for naming those of a record. Addresses, roles and "
                + "user names take people.read.");
}
