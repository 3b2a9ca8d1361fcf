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

/// <summary>
/// The links in messages to the page on which one alarm is acknowledged: <c>/a/&lt;token&gt;</c>. A token names the change of the alarm of which its
/// message tells, and nothing of now, so that the same message is rendered the same at any time; and it has a MAC by the installation's key, so that
/// nobody can make one. When it was sent and of which occurrence it is are what the record says of that change.
/// </summary>
public sealed class AcknowledgeLinks(PublicAddress address, MasterKey key, IOptions<AcknowledgeLinkSettings> settings)
{
    private const string AlarmPrefix = "alarm-";
    private const string Page = "a/";
    private const int IdLength = 26;

    /// <summary>80 bits: whoever guesses is answered by the server, and slowed down (<see cref="WrongKeys"/>).</summary>
    private const int MacLength = 16;

    private const int LongestVersion = 18;

    private readonly int generation = settings.Value.Generation;

    /// <summary>As long as most links, and leads to no alarm: for previews, tests and explanations, which people read who may acknowledge
    /// nothing.</summary>
    public string Sample { get; } = address.LinkTo($"{Page}sample-{new string('0', 36)}");

    /// <param name="version">Of the alarm's stream, with the change of which the message tells; 0: of none.</param>
    /// <returns>Where Notify itself is, when there is no such change.</returns>
    public string To(string alarmId, long version) => address.LinkTo(TokenOf(alarmId, version) is { } token ? Page + token : "");

    /// <returns>The change of an alarm that a token names; null when this installation has not made it.</returns>
    public (string AlarmId, long Version)? Read(string token)
    {
        // Links are typed off a screen too, and some programs change the case of an address.
        var given = token.ToLowerInvariant();
        if (given.Length is <= IdLength + MacLength or > IdLength + LongestVersion + MacLength
            || !long.TryParse(given.AsSpan(IdLength, given.Length - IdLength - MacLength), NumberStyles.None, CultureInfo.InvariantCulture,
                out var version)) return null;
        var alarmId = AlarmPrefix + given[..IdLength];
        return TokenOf(alarmId, version) is { } own
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(own), Encoding.UTF8.GetBytes(given)) ? (alarmId, version) : null;
    }

    /// <summary>What stands for a token on record, where the token itself would let its readers acknowledge.</summary>
    public string FingerprintOf(string token) => key.Fingerprint($"acknowledge link\n{token.ToLowerInvariant()}");

    /// <summary>The path of a request as it may be logged: without the token.</summary>
    public static string Loggable(string path) =>
        path.LastIndexOf("/" + Page, StringComparison.OrdinalIgnoreCase) is var at and >= 0 && path.Length - at - Page.Length - 1 > IdLength
            ? $"{path[..at]}/{Page}{{token}}" : path;

    private string? TokenOf(string alarmId, long version)
    {
        if (version <= 0 || alarmId.Length != AlarmPrefix.Length + IdLength || !alarmId.StartsWith(AlarmPrefix, StringComparison.Ordinal))
            return null;
        var number = version.ToString(CultureInfo.InvariantCulture);
        var mac = Convert.FromHexString(key.Mac("acknowledge link", $"{generation}\n{alarmId}\n{number}"));
        return $"{alarmId.AsSpan(AlarmPrefix.Length)}{number}{Ids.Of("", new Guid(mac.AsSpan(0, 16), bigEndian: true)).AsSpan(IdLength + 1 - MacLength)}";
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
