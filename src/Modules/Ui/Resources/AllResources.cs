using System.Text.Json.Nodes;
using Notify.Ui.Api;

namespace Notify.Ui.Resources;

/// <summary>Reads all resources of one kind, by name, for a form in which one of them is chosen.</summary>
public static class AllResources
{
    /// <summary>More than anybody looks through; resources to which a form already refers are read in addition, by id.</summary>
    public const int Most = 2000;

    /// <param name="plural">The segment of the API's address: <c>services</c>.</param>
    /// <param name="chosen">Ids to which a form already refers.</param>
    /// <param name="most">About how many are read at most.</param>
    /// <exception cref="ApiException">The API refused to list them.</exception>
    public static async Task<IReadOnlyList<ResourceRow>> ReadAsync(
        ConsoleApi api, string plural, IEnumerable<string>? chosen = null, int most = Most)
    {
        var all = new List<ResourceRow>();
        for (var page = 1; all.Count < most; page++)
        {
            var found = await api.GetAsync<Found<JsonObject>>($"{plural}?sort=name&page={page}&pageSize=200");
            all.AddRange(found.Items.Select(x => new ResourceRow(x)));
            if (found.Items.Count == 0 || all.Count >= found.Total) break;
        }

        foreach (var id in (chosen ?? []).Where(x => x.Length > 0).Distinct(StringComparer.Ordinal).Except(all.Select(x => x.Id)).ToList())
            if (await api.GetAsync($"{plural}/{Uri.EscapeDataString(id)}") is { Succeeded: true, Json: JsonObject body }) all.Add(new(body));
        return all;
    }

    /// <summary>The options to choose from: the enabled resources, and the chosen one even if it is disabled.</summary>
    public static IReadOnlyList<(string, string)> Options(IEnumerable<ResourceRow> rows, string chosen, bool isChinese) =>
    [
        .. rows.Where(x => x.Enabled || x.Id == chosen)
            .Select(x => (x.Id, x.Enabled ? x.Name : isChinese ? $"{x.Name}（已停用）" : $"{x.Name} (disabled)")),
    ];
}
