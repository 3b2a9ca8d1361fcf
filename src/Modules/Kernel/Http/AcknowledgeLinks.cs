using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Notify.Kernel.Secrets;

namespace Notify.Kernel.Http;

/// <summary>The settings under <c>Notify:AcknowledgeLinks</c>.</summary>
public sealed class AcknowledgeLinkSettings
{
    public const string Section = "Notify:AcknowledgeLinks";

    /// <summary>How long a link counts, from 1 to 90 days after the change of the alarm of which its message tells was recorded.</summary>
    public int Days { get; set; } = 7;

    /// <summary>Whether a link alone is not enough, and its reader has to be signed in.</summary>
    public bool SignIn { get; set; }

    /// <summary>Part of what is signed, the same on every node: another number revokes all links that were sent before.</summary>
    public int Generation { get; set; }
}

/// <summary>What a token names.</summary>
/// <param name="Id">Of an alarm, or of the run of a drill.</param>
/// <param name="Version">Of its stream, with the change of which the message tells.</param>
/// <param name="Person">The mark of the one person to whom it was sent (<see cref="AcknowledgeLinks.MarkOfPerson"/>); null: whoever has the message
/// may use it.</param>
/// <param name="Channel">The mark of the channel by which it was sent to that person (<see cref="AcknowledgeLinks.MarkOfChannel"/>).</param>
public readonly record struct AcknowledgeLink(string Id, long Version, string? Person = null, string? Channel = null);

/// <summary>
/// The links in messages to the page on which one alarm is acknowledged, or one drill confirmed: <c>/a/&lt;token&gt;</c>. A token names the change of
/// the alarm of which its message tells, and nothing of now, so that the same message is rendered the same at any time; and it has a MAC by the
/// installation's key, so that nobody can make one. When it was sent and of which occurrence it is are what the record says of that change. A token
/// of one person bears a mark of that person too, which tells nobody who it is.
/// </summary>
public sealed class AcknowledgeLinks(PublicAddress address, MasterKey key, IOptions<AcknowledgeLinkSettings> settings)
{
    /// <summary>What the id of a drill's run begins with.</summary>
    public const string DrillPrefix = "drillrun-";

    /// <summary>What the ids begin with of what a link can lead to. The MAC covers it: no link leads to a thing of another kind.</summary>
    private static readonly string[] prefixes = ["alarm-", DrillPrefix];

    private const string Page = "a/";
    private const int IdLength = 26;

    /// <summary>80 bits: whoever guesses is answered by the server, and slowed down (<see cref="WrongKeys"/>).</summary>
    internal const int MacLength = 16;

    private const int LongestVersion = 18;

    /// <summary>In front of the marks of channel and person: neither a digit, as in the version, nor of the alphabet of ids.</summary>
    private const char Personal = 'u';

    private const int ChannelLength = 2;

    /// <summary>50 bits: that two people of an installation share a mark is not to be expected.</summary>
    private const int PersonLength = 10;

    private const int MarksLength = 1 + ChannelLength + PersonLength;

    private readonly int generation = settings.Value.Generation;

    /// <summary>As long as most links, and leads to no alarm: for previews, tests and explanations, which people read who may acknowledge
    /// nothing.</summary>
    public string Sample { get; } = address.LinkTo($"{Page}sample-{new string('0', 36)}");

    /// <param name="id">Of an alarm, or of the run of a drill.</param>
    /// <param name="version">Of its stream, with the change of which the message tells; 0: of none.</param>
    /// <returns>Where Notify itself is, when there is no such change.</returns>
    public string To(string id, long version) => To(new AcknowledgeLink(id, version));

    /// <summary>The same links for one person, in a message that goes to nobody else.</summary>
    /// <param name="channel">The type of the channel that sends it.</param>
    public PersonalLinks For(string personId, string channel) => new(this, MarkOfPerson(personId), MarkOfChannel(channel));

    /// <returns>What a token names; null when this installation has not made it.</returns>
    public AcknowledgeLink? Read(string token)
    {
        // Links are typed off a screen too, and some programs change the case of an address.
        var given = token.ToLowerInvariant();
        if (given.Length is <= IdLength + MacLength or > IdLength + LongestVersion + MarksLength + MacLength) return null;
        var middle = given.AsSpan(IdLength, given.Length - IdLength - MacLength);
        var marks = middle.Length > MarksLength && middle[^MarksLength] == Personal ? middle[^(MarksLength - 1)..].ToString() : null;
        if (marks is not null) middle = middle[..^MarksLength];
        if (middle.Length > LongestVersion || !long.TryParse(middle, NumberStyles.None, CultureInfo.InvariantCulture, out var version)) return null;
        foreach (var prefix in prefixes)
        {
            var link = new AcknowledgeLink(prefix + given[..IdLength], version, marks?[ChannelLength..], marks?[..ChannelLength]);
            if (TokenOf(link) is { } own
                && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(own), Encoding.UTF8.GetBytes(given))) return link;
        }

        return null;
    }

    /// <summary>What stands for a person in a token: the same in all, and no help in finding out who it is.</summary>
    public string MarkOfPerson(string personId) =>
        LettersOf(Convert.FromHexString(key.Mac("person of an acknowledge link", personId)), PersonLength);

    /// <summary>What stands for a channel in a token, by its type.</summary>
    public static string MarkOfChannel(string type) => LettersOf(SHA256.HashData(Encoding.UTF8.GetBytes(type)), ChannelLength);

    /// <summary>What stands for a token on record, where the token itself would let its readers acknowledge.</summary>
    public string FingerprintOf(string token) => key.Fingerprint($"acknowledge link\n{token.ToLowerInvariant()}");

    /// <summary>The path of a request as it may be logged: without the token.</summary>
    public static string Loggable(string path) =>
        path.LastIndexOf("/" + Page, StringComparison.OrdinalIgnoreCase) is var at and >= 0 && path.Length - at - Page.Length - 1 > IdLength
            ? $"{path[..at]}/{Page}{{token}}" : path;

    internal string To(AcknowledgeLink link) => address.LinkTo(TokenOf(link) is { } token ? Page + token : "");

    internal string? TokenOf(AcknowledgeLink link)
    {
        var (id, version, person, channel) = link;
        if (version <= 0 || Array.Find(prefixes, x => id.StartsWith(x, StringComparison.Ordinal)) is not { } prefix
            || id.Length != prefix.Length + IdLength) return null;
        // What is signed of a link that is nobody's own is what was signed before there were others.
        var named = version.ToString(CultureInfo.InvariantCulture) + (person is null ? "" : $"{Personal}{channel}{person}");
        var mac = Convert.FromHexString(key.Mac("acknowledge link", $"{generation}\n{id}\n{named}"));
        return $"{id.AsSpan(prefix.Length)}{named}{LettersOf(mac, MacLength)}";
    }

    private static string LettersOf(byte[] hash, int length) =>
        Ids.Of("", new Guid(hash.AsSpan(0, 16), bigEndian: true))[^length..];
}

/// <summary>One person's links in one message. What was rendered for everybody becomes theirs when it leaves, so that no record holds what would let
/// its readers acknowledge in that person's name.</summary>
public sealed class PersonalLinks
{
    private const string Start = "/a/";
    private readonly AcknowledgeLinks links;
    private readonly string person;
    private readonly string channel;
    private readonly HashSet<string> tokens = new(StringComparer.Ordinal);

    internal PersonalLinks(AcknowledgeLinks links, string person, string channel) =>
        (this.links, this.person, this.channel) = (links, person, channel);

    /// <inheritdoc cref="AcknowledgeLinks.To(string, long)"/>
    public string To(string alarmId, long version) => links.To(Own(new(alarmId, version)));

    /// <summary>A text with this person's links in place of those that are everybody's.</summary>
    public string In(string text)
    {
        var (written, from) = (new StringBuilder(), 0);
        for (var at = 0; (at = text.IndexOf(Start, at, StringComparison.Ordinal)) >= 0;)
        {
            var start = at += Start.Length;
            while (at < text.Length && char.IsAsciiLetterOrDigit(text[at])) at++;
            if (links.Read(text[start..at]) is not { Person: null } everybodys) continue;
            written.Append(text, from, start - from).Append(links.TokenOf(Own(everybodys)));
            from = at;
        }

        return from == 0 ? text : written.Append(text, from, text.Length - from).ToString();
    }

    /// <summary>What was made with these links as it may be kept: without the signature by which they open.</summary>
    public string Kept(string request)
    {
        foreach (var token in tokens)
            request = request.Replace(
                token, token[..^AcknowledgeLinks.MacLength] + new string('x', AcknowledgeLinks.MacLength), StringComparison.Ordinal);
        return request;
    }

    private AcknowledgeLink Own(AcknowledgeLink everybodys)
    {
        var own = everybodys with { Person = person, Channel = channel };
        if (links.TokenOf(own) is { } token) tokens.Add(token);
        return own;
    }
}

public static class AcknowledgeLinkRegistration
{
    public static IServiceCollection AddAcknowledgeLinks(this IServiceCollection services)
    {
        services.AddOptions<AcknowledgeLinkSettings>().BindConfiguration(AcknowledgeLinkSettings.Section)
            .Validate(x => x.Days is >= 1 and <= 90, "Notify:AcknowledgeLinks:Days must be from 1 to 90.")
            .Validate(x => x.Generation >= 0, "Notify:AcknowledgeLinks:Generation must not be negative.").ValidateOnStart();
        return services.AddSingleton<AcknowledgeLinks>();
    }
}
