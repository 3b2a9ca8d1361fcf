using System.Text;
using System.Text.Json;
using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;
using Notify.Delivery.WeCom;

namespace Notify.Delivery.Planning;

/// <summary>Shows a text as it would go out. The requests are made as for sending and then read back, so that a plan cannot differ from what is sent.</summary>
public static class PlanMessageHandler
{
    public static MessagePlanned Handle(PlanMessage query, WeComDelivery weCom)
    {
        if (query.ChannelType != "wecom") return new MessagePlanned([]);
        var link = weCom.LinkTo("sample");
        return new MessagePlanned([
            Plan(Receiver.Bot, RobotMessage.Plan(query.Message, link)),
            Plan(Receiver.AccountKind, AppMessage.Plan(1, ["sample"], query.Message, link)),
        ]);
    }

    private static MessagePlan Plan(string receiverKind, IReadOnlyList<WeComPayload> payloads)
    {
        var (robot, format) = (receiverKind == Receiver.Bot, payloads[0].Format);
        var isCard = format == WeComFormats.TemplateCard;
        var (title, text) = WeComFormats.CardCharacters(robot);
        return new MessagePlan(
            receiverKind, format, isCard ? null : WeComFormats.LimitBytes(robot, format), isCard ? new CardLimit(title, text) : null, [.. payloads.Select(Read)]);
    }

    private static MessagePart Read(WeComPayload payload)
    {
        using var body = JsonDocument.Parse(payload.Body);
        var content = body.RootElement.GetProperty(payload.Format);
        var text = payload.Format == WeComFormats.TemplateCard ? CardText(content) : content.GetProperty("content").GetString()!;
        return new MessagePart(
            payload.Format, text, Encoding.UTF8.GetByteCount(text), new Mentions(List(content, "mentioned_list"), List(content, "mentioned_mobile_list")));
    }

    private static string CardText(JsonElement card)
    {
        var title = card.GetProperty("main_title").TryGetProperty("title", out var first) ? first.GetString() : null;
        var text = card.TryGetProperty("sub_title_text", out var rest) ? rest.GetString() : null;
        return string.Join('\n', new[] { title, text }.Where(x => x is not null));
    }

    private static IReadOnlyList<string> List(JsonElement content, string name) =>
        content.TryGetProperty(name, out var list) ? [.. list.EnumerateArray().Select(x => x.GetString()!)] : [];
}
