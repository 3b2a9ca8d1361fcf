using System.Globalization;
using System.Text;

namespace Notify.Peers.WeCom;

/// <summary>The chat page for a terminal: each group and person, oldest message first.</summary>
internal static class ChatText
{
    private const int hintLength = 120;

    public static string Of(IReadOnlyList<Received> messages)
    {
        var text = new StringBuilder();
        var rooms = messages.SelectMany(message => RoomsOf(message).Select(name => (name, message))).GroupBy(one => one.name, StringComparer.Ordinal);
        foreach (var room in rooms)
        {
            text.Append("== ").Append(room.Key).Append(" ==\n");
            foreach (var (_, message) in room)
                Write(text, message, room.Key);
            text.Append('\n');
        }

        return text.Length == 0 ? "Nothing received yet.\n" : text.ToString();
    }

    private static IEnumerable<string> RoomsOf(Received message) => message switch
    {
        { Platform: { } platform } => [$"{platform}: {message.Group}"],
        { Channel: WeComChannel.Robot } => [message.Group ?? "(unknown robot)"],
        { ToUser: [] } => [message.AppName ?? "(unknown app)"],
        _ => message.ShownTo.Concat(message.DroppedFor).Concat(message.ToUser).Distinct(StringComparer.OrdinalIgnoreCase),
    };

    private static void Write(StringBuilder text, Received message, string room)
    {
        text.Append(message.At.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture))
            .Append("  ").Append(message.AppName ?? "robot")
            .Append("  ").Append(message.MsgType)
            .Append(Fate(message, room)).Append('\n');
        // What nobody saw is only hinted at; control characters must not reach the terminal.
        var shown = message.Delivered || message.Text.Length <= hintLength ? message.Text : $"{message.Text[..hintLength]}…";
        foreach (var line in shown.Split('\n'))
            text.Append("    ").Append(string.Concat(line.Select(c => char.IsControl(c) ? '?' : c))).Append('\n');
    }

    private static string Fate(Received message, string room)
    {
        var missed = message.Channel == WeComChannel.App && !message.ShownTo.Contains(room, StringComparer.OrdinalIgnoreCase);
        return message switch
        {
            { ErrCode: not null and not 0 } => $"  [rejected {message.ErrCode}]",
            { Duplicate: true } => "  [duplicate, not shown]",
            { Delivered: false, Fault: { } fault } => $"  [{fault}, not shown]",
            _ when message.DroppedFor.Contains(room, StringComparer.OrdinalIgnoreCase) => "  [over the member's rate, dropped]",
            _ when missed => "  [not reachable]",
            { Fault: { } fault } => $"  [shown, but {fault}]",
            _ => "",
        };
    }
}
