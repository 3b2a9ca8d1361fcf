using Notify.Channels;
using Notify.Channels.People;
using Notify.Contracts.People;
using Notify.Kernel;
using Notify.Ui.Api;
using Notify.Ui.Resources;

namespace Notify.Ui.Parts;

/// <summary>The people and groups that a form can name as receivers and that a record names, cached for 20 seconds and shared by the parts of a
/// page.</summary>
public sealed class KnownPeople(ConsoleApi api, ChannelCatalog channels, TimeProvider time)
{
    private static readonly TimeSpan fresh = TimeSpan.FromSeconds(20);

    private Task<PeopleDescribed?>? reading;
    private DateTimeOffset readAt;

    /// <summary>Whether the addresses are known, too; else only names are, and who is in which group.</summary>
    public bool HasAddresses { get; private set; }

    /// <returns>Null: the reader may not see people, not even their names.</returns>
    public Task<PeopleDescribed?> ReadAsync()
    {
        var now = time.GetUtcNow();
        if (reading is null || Instants.HasPassed(fresh, readAt, now)) (reading, readAt) = (LoadAsync(), now);
        return reading;
    }

    private sealed record Directory(IReadOnlyList<Named> People, IReadOnlyList<Named> Groups);

    private sealed record Named(string Id, string Name, bool Enabled, IReadOnlyList<string>? Members = null);

    private async Task<PeopleDescribed?> LoadAsync()
    {
        var fields = channels.All.Select(x => x.Person?.Field.Name).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        try
        {
            // Asked before, because what is refused is on record.
            var me = await api.GetAsync<Me>("session");
            HasAddresses = me.May("people.read");
            if (!HasAddresses) return me.May("alarms.read") ? await NamesAsync() : null;
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

    private async Task<PeopleDescribed> NamesAsync()
    {
        var names = await api.GetAsync<Directory>("directory");
        return new(
            [.. names.People.Select(x => new PersonDescription(x.Id, 0, GroupsOf(x.Id), x.Name, x.Enabled, new Dictionary<string, string>()))],
            [.. names.Groups.Select(x => new GroupDescription(x.Id, 0, x.Name, x.Enabled, x.Members ?? []))]);

        // Tells people of one name apart.
        string GroupsOf(string id) => string.Join(", ", names.Groups.Where(x => x.Members?.Contains(id) == true).Select(x => x.Name));
    }
}
