using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Notify.Kernel.Secrets;

namespace Notify.Kernel.Http;

/// <summary>The configuration section <c>Notify:AcknowledgeLinks</c>.</summary>
public sealed class AcknowledgeLinkSettings
{
    public const string Section = "Notify:AcknowledgeLinks";

    /// <summary>How many days a link is valid, from 1 to 90, after the alarm change that its message is about was recorded.</summary>
    public int Days { get; set; } = 7;

    /// <summary>Whether the reader of a link must also sign in.</summary>
    public bool SignIn { get; set; }

    /// <summary>Part of the signed content, the same on every node: changing it revokes all links sent before.</summary>
    public int Generation { get; set; }
}

/// <summary>The content of a token.</summary>
/// <param name="Id">The id of an alarm or of a drill run.</param>
/// <param name="Version">The version of its stream with the change that the message is about.</param>
/// <param name="Person">The mark of the person to whom it was sent (<see cref="AcknowledgeLinks.MarkOfPerson"/>); null: whoever has the message
/// may use it.</param>
/// <param name="Channel">The mark of the channel through which it was sent to that person (<see cref="AcknowledgeLinks.MarkOfChannel"/>).</param>
public readonly record struct AcknowledgeLink(string Id, long Version, string? Person = null, string? Channel = null);

/// <summary>
/// The links in messages to the page where an alarm is acknowledged or a drill confirmed: <c>/a/&lt;token&gt;</c>. A token contains the alarm
/// change that its message is about and no current time, so that a message is always rendered in the same way; and a MAC with the installation's
/// key, so that it cannot be forged. When the change happened, and in which occurrence, is read from the history. A personal token also contains a
/// mark of the person, which does not reveal who it is.
/// </summary>
public sealed class AcknowledgeLinks(PublicAddress address, MasterKey key, IOptions<AcknowledgeLinkSettings> settings)
{
    /// <summary>The prefix of the ids of drill runs.</summary>
    public const string DrillPrefix = "drillrun-";

    /// <summary>The id prefixes of what a link can lead to. The MAC covers them: a link cannot lead to anything of another kind.</summary>
    private static readonly string[] prefixes = ["alarm-", DrillPrefix];

    private const string Page = "a/";
    private const int IdLength = 26;

    /// <summary>80 bits: guesses need the server, which slows them down (<see cref="WrongKeys"/>).</summary>
    internal const int MacLength = 16;

    private const int LongestVersion = 18;

    /// <summary>Precedes the marks of channel and person: not a digit, as in the version, and not in the alphabet of ids.</summary>
    private const char Personal = 'u';

    private const int ChannelLength = 2;

    /// <summary>50 bits: a collision between two people of an installation is very unlikely.</summary>
    private const int PersonLength = 10;

    private const int MarksLength = 1 + ChannelLength + PersonLength;

    private readonly int generation = settings.Value.Generation;

    /// <summary>A link as long as most, but to no alarm: for previews, tests and explanations, whose readers may not be allowed to
    /// acknowledge.</summary>
    public string Sample { get; } = address.LinkTo($"{Page}sample-{new string('0', 36)}");

    /// <param name="id">The id of an alarm or of a drill run.</param>
    /// <param name="version">The version of its stream with the change that the message is about; 0: none.</param>
    /// <returns>The address of Notify itself if there is no such change.</returns>
    public string To(string id, long version) => To(new AcknowledgeLink(id, version));

    /// <summary>Personal links for a message that goes to one person only.</summary>
    /// <param name="channel">The type of the channel that sends it.</param>
    public PersonalLinks For(string personId, string channel) => new(this, MarkOfPerson(personId), MarkOfChannel(channel));

    /// <returns>The content of a token; null if this installation did not issue it.</returns>
    public AcknowledgeLink? Read(string token)
    {
        // People also copy links from a screen by hand, and some programs change the case of an address.
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

    /// <summary>The mark of a person: the same in all tokens, without revealing who it is.</summary>
    public string MarkOfPerson(string personId) =>
        LettersOf(Convert.FromHexString(key.Mac("person of an acknowledge link", personId)), PersonLength);

    /// <summary>The mark of a channel, from its type.</summary>
    public static string MarkOfChannel(string type) => LettersOf(SHA256.HashData(Encoding.UTF8.GetBytes(type)), ChannelLength);

    /// <summary>Identifies a token in records, whose readers could otherwise use it to acknowledge.</summary>
    public string FingerprintOf(string token) => key.Fingerprint($"acknowledge link\n{token.ToLowerInvariant()}");

    /// <summary>The path of a request for logs, without the token.</summary>
    public static string Loggable(string path) =>
        path.LastIndexOf("/" + Page, StringComparison.OrdinalIgnoreCase) is var at and >= 0 && path.Length - at - Page.Length - 1 > IdLength
            ? $"{path[..at]}/{Page}{{token}}" : path;

    internal string To(AcknowledgeLink link) => address.LinkTo(TokenOf(link) is { } token ? Page + token : "");

    internal string? TokenOf(AcknowledgeLink link)
    {
        var (id, version, person, channel) = link;
        if (version <= 0 || Array.Find(prefixes, x => id.StartsWith(x, StringComparison.Ordinal)) is not { } prefix
            || id.Length != prefix.Length + IdLength) return null;
        // A link that is not personal is signed as before personal links existed.
        var named = version.ToString(CultureInfo.InvariantCulture) + (person is null ? "" : $"{Personal}{channel}{person}");
        var mac = Convert.FromHexString(key.Mac("acknowledge link", $"{generation}\n{id}\n{named}"));
        return $"{id.AsSpan(prefix.Length)}{named}{LettersOf(mac, MacLength)}";
    }

    private static string LettersOf(byte[] hash, int length) =>
        Ids.Of("", new Guid(hash.AsSpan(0, 16), bigEndian: true))[^length..];
}

/// <summary>One person's links in one message. Common links are replaced by personal ones only when the message is sent, so that no record contains
/// a link that lets its readers acknowledge in that person's name.</summary>
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

    /// <summary>Replaces the common links in a text by this person's links.</summary>
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

    /// <summary>A request with these links, in the form to record: without the MACs that make them valid.</summary>
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
