using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Channels;
using Notify.Channels.Fields;
using Notify.Channels.Messages;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Channels.Texts;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Secrets;
using Notify.Kernel.Texts;

namespace Notify.Delivery.Tests.Pager;

/// <summary>A channel that exists only here: pagers with a name, reached with one token, eight messages a minute.</summary>
internal sealed class PagerChannel(PagerPlatform platform, OpenedSecrets secrets) : IChannel, IChannelMessages, IChannelDelivery, IChannelTexts
{
    private const int LimitBytes = 1000;
    private static readonly ChatFormat plain = new("plain", new("Plain", "纯文本"));

    public string Type => "pager";
    public BilingualText Name { get; } = new("Pager", "寻呼机");
    public BilingualText Reaches { get; } = new("pagers", "寻呼机");

    public IChannelSettings Settings { get; } = new DescribedSettings<PagerSettings>(
        "pager",
        [
            Field.Secret("token", "Token", "令牌", required: true),
            new("names", FieldType.Texts, new("Names of the pagers", "寻呼机名称")) { Max = 100 },
        ],
        """{ "type": "pager", "name": "Pagers", "pager": { "token": "a-token", "names": ["Night shift"] } }""");

    public IReadOnlyList<ReceiverKind> Receivers { get; } =
    [
        new("pager", ReceiverField.Alias, "pager", "pager's name", new("Pager", "寻呼机"))
        {
            Alone = true,
            Fields = [Field.Choice("tone", "Tone", "提示音", "low", new("low", "Low", "低"), new Choice("high", "High", "高"))],
        },
        new("number", ReceiverField.Account, "number", "number", new("Number of a pager", "寻呼号码")),
    ];

    public IChannelMessages Messages => this;
    public IChannelDelivery Delivery => this;
    public IChannelTexts Texts => this;

    public IReadOnlyList<IMessageFormat> Formats { get; } = [plain];
    public IReadOnlyList<FormatLimit> Limits { get; } = [new("plain", Bytes: LimitBytes)];

    IReadOnlyList<MessageField> IChannelMessages.Fields { get; } =
    [
        new(Field.Text("subject", "Subject", "主题") with { Max = 100 }, plain),
        new(new("parameters", FieldType.Map, new("Parameters", "参数")) { Max = 5 }, plain),
    ];

    public bool TakesMentions => false;
    public int TestBytes => LimitBytes;

    public Explained Unreachable { get; } = new(new("The exchange is away.", "无法连接。"), new("Wait.", "请等待。"));

    public IRoutes Routes(JsonObject settings) => new PagerRoutes(DescribedSettings<PagerSettings>.Of(settings));

    public IReadOnlyList<MessagePlan> Plan(RenderedMessage message, Uri link) =>
        [new("pager", "plain", LimitBytes, null, [new("plain", message.Text, Encoding.UTF8.GetByteCount(message.Text), Mentions.None)])];

    public RenderedMessage WordsOf(INotice notice, MessageForm form, Uri link) => notice.Content;

    public (RenderedMessage Words, int Count)? Merge(IReadOnlyList<IUnsent> waiting) =>
        MergedText.Of([.. waiting.Select(x => x.Notice)], plain, LimitBytes, calls: false, this);

    public RenderedMessage List(IReadOnlyList<INotice> notices, string heading) => MergedText.All(notices, plain, LimitBytes, calls: false, this);

    public LaneLimits LimitsOf(string lane) => new(8, 0, 0) { InOrder = true };

    public async ValueTask<(Dispatch? Dispatch, SendOutcome? Refusal)> PrepareAsync(Letter letter, IRoutes routes, CancellationToken cancellation)
    {
        var token = await secrets.RevealAsync(((PagerRoutes)routes).Settings.Token, cancellation);
        var (to, content) = (letter.Receivers, letter.Content);
        var name = to[0].Alias is not { } alias ? string.Join(',', to.Select(x => x.Account))
            : to[0].FieldOf("tone") is { } tone ? $"{alias} ({tone})" : alias;
        var fields = string.Concat((content.Fields ?? new Dictionary<string, string>()).Select(x => $"[{x.Key}={x.Value}] "));
        var body = $"{name}: {fields}{content.Text}";
        return (new Dispatch([body], (_, _) => Task.FromResult(Send()), RepeatIsSafe: false), null);

        SendOutcome Send() => letter.Earlier?.RequestId is { } id ? platform.Ask(id)
            : to[0].Account is null ? platform.Take(token, body) : platform.Take(token, body, [.. to.Select(x => x.Account!)]);
    }

    public MessageForm? NextForm(MessageForm current, string format, SendOutcome outcome) => null;

    public Explained? Explain(string code) => new(new($"The exchange says {code}.", $"返回 {code}。"), new("Buy a battery.", "请更换电池。"));

    public LaneWords DescribeLane(string lane, string? alias) => new(alias ?? "pagers", new($"pager “{alias}”", $"寻呼机“{alias}”"));
}

internal sealed record PagerSettings(IReadOnlyList<string> Names, SecretRef Token);

internal sealed class PagerRoutes(PagerSettings settings) : IRoutes
{
    private readonly string lane = $"pager/{settings.Token.Fingerprint}";

    public PagerSettings Settings => settings;

    public IEnumerable<(string Lane, string Name)> Lanes => [(lane, "pagers")];

    public bool Has(Receiver receiver) => receiver.Kind == "number" || settings.Names.Contains(receiver.Alias ?? "", Names.Comparer);

    /// <summary>The number to which this channel, as it is written, finds no way.</summary>
    public const string Lost = "000";

    public string? LaneOf(IReadOnlyList<Receiver> receivers) =>
        receivers[0].Account == Lost ? throw new InvalidOperationException("a fault of the channel's") : lane;

    public Audience AudienceOf(IReadOnlyList<Receiver> receivers) => Audience.One;
}

/// <summary>The platform: keeps what it took, and refuses what it is told to.</summary>
internal sealed class PagerPlatform
{
    public ConcurrentQueue<(string Token, string Text)> Taken { get; } = new();

    private readonly ConcurrentDictionary<string, bool> busyOnce = new(StringComparer.Ordinal);

    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>What is taken, and confirmed later, holds this.</summary>
    public string? Queues { get; set; }

    /// <summary>What is refused holds this.</summary>
    public string? Refuses { get; set; }

    /// <summary>What makes the channel throw holds this.</summary>
    public string? Throws { get; set; }

    public SendOutcome Take(string token, string text)
    {
        if (Throws is { } thrown && text.Contains(thrown, StringComparison.Ordinal)) throw new InvalidOperationException("a fault of the channel's");
        if (Refuses is { } word && text.Contains(word, StringComparison.Ordinal))
            return new(OutcomeClass.Message) { PlatformCode = "battery.empty", PlatformMessage = "no" };
        Taken.Enqueue((token, text));
        return Queues is { } later && text.Contains(later, StringComparison.Ordinal)
            ? new(OutcomeClass.Accepted) { PlatformCode = "queued", RequestId = $"request-{Taken.Count}" } : new(OutcomeClass.Ok) { PlatformCode = "fine" };
    }

    /// <summary>To numbers: one that begins with 9 does not exist, and one that begins with 8 is busy the first time.</summary>
    public SendOutcome Take(string token, string text, IReadOnlyList<string> numbers)
    {
        Taken.Enqueue((token, text));
        var busy = numbers.Where(x => x[0] == '8' && busyOnce.TryAdd(x, true)).ToList();
        var judged = numbers.Except(busy).Select(x => x[0] == '9'
            ? new ReceiverOutcome(x, ReceiverOutcome.Failed, "no.such.number", "number", "Nobody has this number.")
            : new ReceiverOutcome(x, ReceiverOutcome.Delivered, Kind: "number")).ToList();
        var isPartly = judged.Exists(x => x.Outcome == ReceiverOutcome.Failed);
        return new(busy.Count > 0 ? OutcomeClass.Retry : isPartly ? OutcomeClass.Partial : OutcomeClass.Ok)
        {
            PlatformCode = busy.Count > 0 ? "busy" : "fine",
            Receivers = judged,
            IsJudgedByReceiver = true,
        };
    }

    /// <summary>What became of a message: it is still under way the first time.</summary>
    public SendOutcome Ask(string request)
    {
        Asked.Enqueue(request);
        return Asked.Count == 1
            ? new(OutcomeClass.Accepted) { PlatformCode = "underway", RequestId = request } : new(OutcomeClass.Ok) { PlatformCode = "arrived" };
    }
}

internal static class PagerRegistration
{
    public static void AddPager(this IServiceCollection services, PagerPlatform platform) =>
        services.AddSingleton<IChannel>(x => new PagerChannel(platform, x.GetRequiredService<OpenedSecrets>()));
}
