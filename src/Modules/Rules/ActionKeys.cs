using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;

namespace Notify.Rules;

/// <summary>
/// The keys of a rule's actions, by which what was planned or sent earlier finds its action wherever it stands in the rule. A key follows from the
/// version of the rule in which the action is new, so that it is never given again, and the same change has the same result when it is tried,
/// approved and made.
/// </summary>
public static class ActionKeys
{
    /// <summary>The version of a rule's first event.</summary>
    internal const long First = 1;

    /// <param name="version">The version of the rule in which the action is new.</param>
    /// <param name="action">Its index in that version, from 0.</param>
    public static string Of(long version, int action) => string.Create(CultureInfo.InvariantCulture, $"{version}-{action}");

    /// <summary>The key of an action that is known only by its index, from before there were keys: see <see cref="Named"/>.</summary>
    public static string OfIndex(int action) => Of(First, action);

    /// <summary>
    /// Gives the actions of changed settings the keys that they have in the current ones. An action keeps the key that it names. If it names none, it
    /// is the equal action, or else the one in the same place: clients that do not know keys may reorder, insert, remove or edit. As soon as one
    /// action names its key, the client knows keys, and nothing is concluded from places. The rest is new, and has no key before it is recorded.
    /// </summary>
    /// <param name="current">Null: the rule is new.</param>
    public static RuleSettings Keyed(this RuleSettings settings, RuleSettings? current)
    {
        var (asked, known) = (ContentsOf(settings), ContentsOf(current));
        var (keys, isFree) = (new string?[asked.Count], known.ConvertAll(x => x.Key is not null));
        // Of two actions that name the same key, the one that is unchanged has it.
        Match((x, y) => IsNamed(x, y) && AreEqual(x, y));
        Match(IsNamed);
        var areNamed = keys.Any(x => x is not null);
        // Of several equal actions, each stays in its place.
        Match((x, y) => x == y && AreEqual(x, y));
        Match(AreEqual);
        if (!areNamed) Match((x, y) => x == y);
        return settings with { Actions = [.. settings.Actions.Select((x, i) => x is null ? x! : x with { Key = keys[i] })] };

        bool IsNamed(int x, int y) => asked[x].Key == known[y].Key;

        bool AreEqual(int x, int y) => JsonNode.DeepEquals(asked[x].Content, known[y].Content);

        void Match(Func<int, int, bool> fits)
        {
            for (var x = 0; x < keys.Length; x++)
            {
                if (keys[x] is not null || asked[x].Content is null) continue;
                if (isFree.Index().Where(y => y.Item && fits(x, y.Index)).Select(y => (int?)y.Index).FirstOrDefault() is not { } same) continue;
                (keys[x], isFree[same]) = (known[same].Key, false);
            }
        }
    }

    /// <summary>
    /// Names the actions that have no key, by the version in which they are new. An event without any key is a rule's first one, or from before there
    /// were keys. Until a rule is changed, its actions are then known by their indexes.
    /// </summary>
    /// <param name="version">The version of the event that contains the settings.</param>
    public static RuleSettings Named(this RuleSettings settings, long version)
    {
        if (settings.Actions.All(x => x is null or { Key: not null })) return settings;
        var named = settings.Actions.All(x => x?.Key is null) ? First : version;
        return settings with
        {
            Actions = [.. settings.Actions.Select((x, i) => x is null or { Key: not null } ? x! : x with { Key = Of(named, i) })],
        };
    }

    private static List<(string? Key, JsonNode? Content)> ContentsOf(RuleSettings? settings) =>
    [
        .. (settings?.Actions ?? []).Select(x => (
            x?.Key, x is null ? null : JsonSerializer.SerializeToNode(x with { Key = null }, NotifyJson.Options))),
    ];
}
