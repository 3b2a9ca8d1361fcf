using MimeKit;
using MimeKit.Text;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;

namespace Notify.Channels.Email;

/// <summary>Composes the mail of one letter, identically for every attempt, so that mail programs can recognise a duplicate.</summary>
internal static class EmailComposer
{
    /// <returns>The mail without its date, which is set when it is sent.</returns>
    public static MimeMessage Compose(Letter letter, EmailSettings settings)
    {
        var from = new MailboxAddress(settings.FromName, settings.From);
        var mail = new MimeMessage { Subject = EmailMessages.SubjectOf(letter.Content), MessageId = $"{letter.DeliveryId}@{DomainOf(from)}" };
        mail.Headers.Remove(HeaderId.Date);
        // An occurrence's thread has as its root an id that no mail has: whichever of its mails arrives first, the others are in the same thread.
        if (letter.Notice is { StartTime: { } start, ReplayId: null } notice)
        {
            var conversation = $"{notice.AlarmId}.{start.ToUnixTimeMilliseconds()}@{DomainOf(from)}";
            mail.InReplyTo = conversation;
            mail.References.Add(conversation);
        }

        mail.From.Add(from);
        // Recipients already processed stay in the headers: a mail to the others shows everybody it is meant for.
        foreach (var receiver in letter.Notice?.Receivers ?? letter.Receivers)
        {
            var shown = receiver.FieldOf(EmailChannel.As) switch { EmailChannel.Cc => mail.Cc, EmailChannel.Bcc => null, _ => mail.To };
            shown?.Add(new MailboxAddress(null, receiver.Account!));
        }

        if (mail.To.Count + mail.Cc.Count == 0) mail.To.Add(new GroupAddress("undisclosed-recipients"));
        mail.Headers.Add(HeaderId.AutoSubmitted, "auto-generated"); // RFC 3834: suppresses automatic replies
        mail.Headers.Add("X-Auto-Response-Suppress", "All"); // the same for Exchange
        mail.Body = BodyOf(letter);
        return mail;
    }

    /// <summary>The mail as recorded: as mail programs receive it, except for the date, and with readable texts.</summary>
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
        // The last alternative is the preferred one (RFC 2046, 5.1.4).
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
