using Notify.Channels;
using Notify.Channels.People;
using Notify.Contracts.People;
using Notify.Ui.Api;
using Notify.Ui.Resources;

namespace Notify.Ui.Parts;

/// <summary>The people and groups that a form can name as receivers, cached for 20 seconds and shared by the form's parts.</summary>
public sealed class KnownPeople(ConsoleApi api, ChannelCatalog channels, TimeProvider time)
{
    private static readonly TimeSpan fresh = TimeSpan.FromSeconds(20);

    private Task<PeopleDescribed?>? reading;
    private DateTimeOffset readAt;

    /// <returns>Null: the reader may not see people.</returns>
    public Task<PeopleDescribed?> ReadAsync()
    {
        var now = time.GetUtcNow();
        if (reading is null || now - readAt > fresh) (reading, readAt) = (LoadAsync(), now);
        return reading;
    }

    private async Task<PeopleDescribed?> LoadAsync()
    {
        var fields = channels.All.Select(x => x.Person?.Field.Name).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        try
        {
            var people = await AllResources.ReadAsync(api, "users");
            var groups = await AllResources.ReadAsync(api, "groups");
            return new(
                [
                    .. people.Select(x => new PersonDescription(
                        x.Id, x.Version, x.Text("userName"), x.Name, x.Enabled,
                        fields.Where(y => x.Text(y).Length > 0).ToDictionary(y => y, x.Text, StringComparer.Ordinal))),
                ],
                [.. groups.Select(x => new GroupDescription(x.Id, x.Version, x.Name, x.Enabled, x.Texts("members")))]);
        }
        catch (ApiException)
        {
            return null;
        }
    }
}
