using MimeKit;
using MimeKit.Text;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;

namespace Notify.Channels.Email;

/// <summary>The mail of one letter: the same for every try, so that a mail program can recognise a duplicate.</summary>
internal static class EmailComposer
{
    /// <returns>The mail without its date, which is that of sending.</returns>
    public static MimeMessage Compose(Letter letter, EmailSettings settings)
    {
        var from = new MailboxAddress(settings.FromName, settings.From);
        var mail = new MimeMessage { Subject = EmailMessages.SubjectOf(letter.Content), MessageId = $"{letter.DeliveryId}@{DomainOf(from)}" };
        mail.Headers.Remove(HeaderId.Date);
        // The conversation of an occurrence begins with an id that no mail has: whichever mail of it comes first, the others follow it.
        if (letter.Notice is { StartTime: { } start, ReplayId: null } notice)
        {
            var conversation = $"{notice.AlarmId}.{start.ToUnixTimeMilliseconds()}@{DomainOf(from)}";
            mail.InReplyTo = conversation;
            mail.References.Add(conversation);
        }

        mail.From.Add(from);
        // Recipients that were already judged stay in the headers: a mail to the others shows everybody it was meant for.
        foreach (var receiver in letter.Notice?.Receivers ?? letter.Receivers)
        {
            var shown = receiver.FieldOf(EmailChannel.As) switch { EmailChannel.Cc => mail.Cc, EmailChannel.Bcc => null, _ => mail.To };
            shown?.Add(new MailboxAddress(null, receiver.Account!));
        }

        if (mail.To.Count + mail.Cc.Count == 0) mail.To.Add(new GroupAddress("undisclosed-recipients"));
        mail.Headers.Add(HeaderId.AutoSubmitted, "auto-generated"); // RFC 3834: nobody's absence note is to answer
        mail.Headers.Add("X-Auto-Response-Suppress", "All"); // the same for Exchange
        mail.Body = BodyOf(letter);
        return mail;
    }

    /// <summary>As it is on record: as readers' programs get it, but for the date, and with its texts readable.</summary>
    public static string Written(MimeMessage mail)
    {
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Unix;
        format.International = true;
        using var bytes = new MemoryStream();
        mail.WriteTo(format, bytes);
        return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static MimeEntity BodyOf(Letter letter)
    {
        var isHtml = letter.Content.Format == HtmlMail.FormatName;
        var text = Part(TextFormat.Plain, isHtml ? HtmlText.Of(letter.Content.Text) : letter.Content.Text);
        if (!isHtml || letter.Form >= MessageForm.PlainText) return text;
        // The last is the one that is preferred (RFC 2046, 5.1.4).
        return new MultipartAlternative(text, Part(TextFormat.Html, letter.Content.Text)) { Boundary = $"=_{letter.DeliveryId}" };
    }

    private static TextPart Part(TextFormat format, string text)
    {
        var part = new TextPart(format) { ContentTransferEncoding = ContentEncoding.EightBit };
        part.SetText(System.Text.Encoding.UTF8, text);
        return part;
    }

    private static string DomainOf(MailboxAddress from)
    {
        var address = from.GetAddress(idnEncode: true);
        return address[(address.LastIndexOf('@') + 1)..];
    }
}
