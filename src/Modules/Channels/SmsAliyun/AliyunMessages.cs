using System.Text;
using System.Text.Json.Nodes;
using Notify.Channels.Fields;
using Notify.Channels.Messages;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Texts;

namespace Notify.Channels.SmsAliyun;

/// <summary>
/// The name of a signature, the code of a template and the values of its parameters; only the platform knows the template's text. Therefore a message
/// cannot be split, merged or prefixed, and a value that is too long for the platform is shortened.
/// </summary>
internal sealed class AliyunMessages : IChannelMessages
{
    public const string FormatName = "template";
    public const string SignName = "signName";
    public const string TemplateCode = "templateCode";
    private const string Parameters = "parameters";

    /// <summary>The length to which values are shortened after the platform has refused them; every kind of parameter accepts it.</summary>
    private const int ShortCharacters = 20;

    /// <summary>Replaces an empty value, which the platform refuses.</summary>
    private const string Nothing = "-";

    private static readonly PlainFormat template = new(isOneLine: true, FormatName, new("Template of the platform", "平台模板"));

    public IReadOnlyList<IMessageFormat> Formats { get; } = [template];
    public IReadOnlyList<FormatLimit> Limits { get; } = [new(FormatName, Parts: 1)];

    public IReadOnlyList<MessageField> Fields { get; } =
    [
        new(Field.Text(SignName, "Signature", "短信签名", required: true) with
        {
            Max = 32,
            Help = new("As the platform has approved it, without brackets.", "平台审核通过的签名，不含【】。"),
        }),
        new(Field.Text(TemplateCode, "Template code", "模板 CODE", required: true) with
        {
            Max = 64,
            Fault = x => x.StartsWith("SMS_", StringComparison.Ordinal) && x.Length > 4 && x.AsSpan(4).IndexOfAnyExceptInRange('0', '9') < 0
                ? null : "A template code is SMS_ and digits.",
            Help = new("Of a template for notifications (通知), such as SMS_154950909.", "“通知”类模板的 CODE，例如 SMS_154950909。"),
        }),
        new(
            new Field(Parameters, FieldType.Map, new("Parameters of the template", "模板变量"))
            {
                Max = 30,
                Help = new(
                    "For each variable of the template its value, such as name: {name}. The platform limits their length, and takes no addresses.",
                    "模板中每个变量的值，例如 name: {name}。平台限制变量长度，且不允许变量为网址。"),
            },
            template),
    ];

    public bool TakesContent => false;
    public MessageLook Look => MessageLook.Phone;
    public bool TakesMentions => false;
    public int TestBytes => 2048;

    public IReadOnlyList<MessagePlan> Plan(RenderedMessage message, Uri link)
    {
        var shown = ParametersOf(message, MessageForm.AsWritten);
        return
        [
            new(MobileNumber.KindName, FormatName, null, null, [new(FormatName, shown, Encoding.UTF8.GetByteCount(shown), Mentions.None)]),
        ];
    }

    public RenderedMessage WordsOf(INotice notice, MessageForm form, Uri link) => notice.Content;

    public (RenderedMessage Words, int Count)? Merge(IReadOnlyList<IUnsent> waiting) => null;

    /// <summary>A template cannot contain a list: a field whose values differ gets the first alarm's value and the number of alarms.</summary>
    public RenderedMessage List(IReadOnlyList<INotice> notices, string heading)
    {
        var first = notices[0].Content;
        if (notices.Count == 1 || first.Fields is null) return first;
        var fields = first.Fields.ToDictionary(
            x => x.Key,
            x => notices.All(n => n.Content.Fields?.GetValueOrDefault(x.Key) == x.Value) ? x.Value
                : first.Language == MessageWords.Chinese ? $"{x.Value} 等{notices.Count}项"
                : $"{x.Value} +{notices.Count - 1}",
            StringComparer.Ordinal);
        return first with { Fields = fields, Text = string.Join('\n', fields.Select(x => $"{x.Key}: {x.Value}")) };
    }

    /// <summary>The platform's <c>TemplateParam</c>.</summary>
    public static string ParametersOf(RenderedMessage message, MessageForm form)
    {
        var values = new JsonObject();
        foreach (var (name, value) in message.Fields ?? new Dictionary<string, string>())
        {
            if (!name.StartsWith($"{Parameters}.", StringComparison.Ordinal)) continue;
            var text = string.IsNullOrWhiteSpace(value) ? Nothing : value.Trim();
            values[name[(Parameters.Length + 1)..]] =
                form == MessageForm.Shorter && !ChatText.Fits(text, ShortCharacters, out _) && !ChatText.Fits(text, ShortCharacters - 1, out var stop)
                    ? text[..stop] + "…" : text;
        }

        return values.ToJsonString(NotifyJson.Options);
    }
}
