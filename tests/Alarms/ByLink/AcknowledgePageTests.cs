using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Notify.Testing;

namespace Notify.Alarms.Tests.ByLink;

/// <summary>From the message in the group to the acknowledgement, as a phone does it: no cookie, no script.</summary>
public sealed partial class AcknowledgePageTests(LinkFixture notify) : IClassFixture<LinkFixture>
{
    [Theory]
    [InlineData("zh-CN,zh;q=0.9", "zh-CN", "您的姓名", "已由 王伟 确认，谢谢。", "备注：泵已更换")]
    [InlineData("en", "en", "Your name", "Acknowledged by 王伟. Thank you.", "Note: 泵已更换")]
    [InlineData("fr", "en", "Your name", "Acknowledged by 王伟. Thank you.", "Note: 泵已更换")]
    public async Task the_link_in_the_message_shows_the_alarm_and_acknowledges_it(
        string languages, string language, string asked, string done, string note)
    {
        var (id, link) = await notify.RaiseAsync(new { path = "Site1/Line1", value = "12.4 bar", level = "Critical", description = "Above\nlimit" });
        using var phone = notify.Phone(languages);
        var page = await AnswerAsync(phone.GetAsync(link));
        page.Status.Should().Be(HttpStatusCode.OK);
        page.Text.Should().Contain($"<html lang=\"{language}\">").And.Contain(asked).And.Contain("Site1/Line1").And.Contain("12.4 bar")
            .And.Contain("▲").And.Contain("Asia/Shanghai").And.Contain("+08:00").And.Contain("viewport").And.NotContain("<script");

        var answer = await PostAsync(phone, link, ("name", " 王伟 "), ("note", "泵已更换"));
        answer.Status.Should().Be(HttpStatusCode.OK);
        answer.Text.Should().Contain(done).And.Contain(note).And.NotContain("<form");
        var alarm = await notify.Host.GetAsync($"alarms/{id}");
        ((string)alarm["state"]!).Should().Be("ActiveAcked");
        ((string)alarm["ackUser"]!).Should().Be("王伟");
        (await notify.MessagesAsync(id, 2)).Should().ContainSingle(x => x.Contains("ActiveAcked", StringComparison.Ordinal));
    }

    [Fact]
    public async Task it_is_on_record_who_did_it_by_which_link_and_the_token_is_nowhere()
    {
        var (id, link) = await notify.RaiseAsync();
        using var phone = notify.Phone();
        (await PostAsync(phone, link, ("name", "Li Si"), ("note", "seen"))).Status.Should().Be(HttpStatusCode.OK);

        var entries = (await notify.Host.GetAsync($"audit?resource={id}"))["items"]!.AsArray();
        var entry = entries.Single(x => (string)x!["type"]! == "alarms.alarm_acknowledged.v1")!;
        var actor = entry["actor"]!;
        ((string)actor["kind"]!, (string)actor["name"]!).Should().Be(("link", "Li Si"));
        ((string)actor["id"]!).Should().MatchRegex("^link-[0-9a-f]{16}$");
        ((string)entry["sourceIp"]!).Should().Be("127.0.0.1");
        ((string)entry["summary"]!).Should().Contain($"by the link {((string)actor["id"]!)["link-".Length..]}");
        entry.ToJsonString().Should().NotContain(LinkFixture.TokenOf(link));
        var timeline = (await notify.Host.GetAsync($"alarms/{id}"))["timeline"]!.AsArray();
        ((string)timeline.Single(x => (string)x!["kind"]! == "acknowledged")!["link"]!).Should().MatchRegex("^[0-9a-f]{16}$");
    }

    [Fact]
    public async Task what_else_happened_to_the_alarm_is_not_read()
    {
        var (id, link) = await notify.RaiseAsync();
        await notify.Host.PostAsync($"alarms/{id}/shelve", new { minutes = 5, reason = "work" });
        await notify.Host.PostAsync($"alarms/{id}/unshelve", new { });
        (await notify.Host.ChangeAsync($"update notify.mt_events set data = '[]' where stream_id = '{id}' and version = 2")).Should().Be(1);
        using var phone = notify.Phone();

        (await AnswerAsync(phone.GetAsync(link))).Text.Should().Contain("<form");
        (await PostAsync(phone, link, ("name", "Li Si"), ("note", ""))).Text.Should().Contain("Acknowledged by Li Si. Thank you.");
        (await AnswerAsync(phone.GetAsync(link))).Text.Should().Contain("Already acknowledged by Li Si.");
    }

    [Fact]
    public async Task whoever_only_looks_acknowledges_nothing()
    {
        var (id, link) = await notify.RaiseAsync();
        using var robot = notify.Phone();
        for (var i = 0; i < 3; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, link);
            using var head = await robot.SendAsync(request);
            head.StatusCode.Should().Be(HttpStatusCode.OK);
            (await head.Content.ReadAsStringAsync()).Should().BeEmpty();
            using var page = await robot.GetAsync(link);
            page.Headers.CacheControl!.NoStore.Should().BeTrue();
            page.Headers.GetValues("X-Robots-Tag").Should().Equal("noindex, nofollow");
            page.Headers.GetValues("Content-Security-Policy").Single().Should()
                .Contain("default-src 'none'").And.Contain("form-action 'self'").And.NotContain("unsafe").And.NotContain("script-src");
            page.Headers.Contains("Set-Cookie").Should().BeFalse();
        }

        (await notify.StateAsync(id)).Should().Be("ActiveUnacked");
    }

    [Theory]
    [InlineData("zh", "确认此报警须填写备注。", "备注（必填）")]
    [InlineData("en", "This alarm must be acknowledged with a note.", "Note (required)")]
    public async Task a_note_that_is_missing_is_asked_for_beside_its_field_and_what_was_typed_is_kept(string language, string fault, string label)
    {
        var (id, link) = await notify.RaiseAsync(new { ackMode = "manualWithNote" });
        using var phone = notify.Phone("de");
        foreach (var note in (string?[])[null, "", " \r\n "])
        {
            (string, string)[] fields = note is null ? [("name", "Zhang \"San\"")] : [("name", "Zhang \"San\""), ("note", note)];
            var answer = await PostAsync(phone, new($"{link}?lang={language}"), fields);
            answer.Status.Should().Be(HttpStatusCode.BadRequest);
            answer.Text.Should().Contain($"id=\"note-fault\" role=\"alert\">{fault}").And.Contain(label)
                .And.Contain("value=\"Zhang &quot;San&quot;\"").And.NotContain("name-fault");
        }

        (await notify.StateAsync(id)).Should().Be("ActiveUnacked");
        (await PostAsync(phone, link, ("name", "Zhang San"), ("note", "on my way"))).Status.Should().Be(HttpStatusCode.OK);
        (await notify.StateAsync(id)).Should().Be("ActiveAcked");
    }

    [Theory]
    [InlineData(null, "A name is required.")]
    [InlineData("", "A name is required.")]
    [InlineData("  ", "A name is required.")]
    [InlineData("a\nb", "line")]
    [InlineData("a\u202Eb", "U+202E")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345", "at most 64 characters")]
    public async Task who_does_not_say_who_they_are_acknowledges_nothing(string? name, string fault)
    {
        var (id, link) = await notify.RaiseAsync();
        using var phone = notify.Phone();
        var answer = name is null ? await PostAsync(phone, link, ("note", "typed")) : await PostAsync(phone, link, ("name", name), ("note", "typed"));
        answer.Status.Should().Be(HttpStatusCode.BadRequest);
        answer.Text.Should().Contain("id=\"name-fault\"").And.Contain(fault).And.Contain("typed</textarea>");
        (await notify.StateAsync(id)).Should().Be("ActiveUnacked");
    }

    [Theory]
    [InlineData("note", 1001)]
    [InlineData("x", 20_000)]
    public async Task what_is_too_long_is_refused(string field, int length)
    {
        var (id, link) = await notify.RaiseAsync();
        using var phone = notify.Phone();
        var answer = await PostAsync(phone, link, ("name", "A"), (field, new string('x', length)));
        answer.Status.Should().Be(field == "note" ? HttpStatusCode.BadRequest : HttpStatusCode.RequestEntityTooLarge);
        (await notify.StateAsync(id)).Should().Be("ActiveUnacked");
    }

    [Theory]
    [InlineData("application/json", """{ "name": "A" }""", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("multipart/form-data; boundary=x", "--x--", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("text/plain", "name=A", HttpStatusCode.UnsupportedMediaType)]
    [InlineData(null, "", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/x-www-form-urlencoded", "", HttpStatusCode.BadRequest)]
    [InlineData("application/x-www-form-urlencoded", "&&=&%", HttpStatusCode.BadRequest)]
    [InlineData("application/x-www-form-urlencoded", "name=a%00b", HttpStatusCode.BadRequest)]
    public async Task a_body_of_another_form_is_refused_with_a_page(string? type, string body, HttpStatusCode status)
    {
        var (id, link) = await notify.RaiseAsync();
        using var phone = notify.Phone();
        using var content = new StringContent(body);
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        using var response = await phone.PostAsync(link, content);
        response.StatusCode.Should().Be(status);
        response.Content.Headers.ContentType!.MediaType.Should().Be("text/html");
        (await notify.StateAsync(id)).Should().Be("ActiveUnacked");
    }

    [Fact]
    public async Task what_a_source_or_a_reader_writes_is_text()
    {
        const string Evil = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&";
        var (id, link) = await notify.RaiseAsync(new { path = $"Site/{Evil}", value = Evil, description = Evil, ackMode = "manualWithNote" }, Evil);
        using var phone = notify.Phone();
        var pages = new[]
        {
            (await AnswerAsync(phone.GetAsync(link))).Text,
            (await PostAsync(phone, link, ("name", Evil), ("note", ""))).Text,
            (await PostAsync(phone, link, ("name", Evil[..50]), ("note", $"</textarea>{Evil}"))).Text,
            (await AnswerAsync(phone.GetAsync(link))).Text,
        };
        (await notify.StateAsync(id)).Should().Be("ActiveAcked");
        foreach (var page in pages)
        {
            page.Should().Contain("&lt;script&gt;alert(1)&lt;/script&gt;").And.NotContain("<script").And.NotContain("<img");
            TextArea().Count(page).Should().BeLessThanOrEqualTo(1);
        }
    }

    [Fact]
    public async Task the_second_is_told_who_was_first()
    {
        var (_, link) = await notify.RaiseAsync();
        using var phone = notify.Phone();
        (await PostAsync(phone, link, ("name", "First"), ("note", "mine"))).Status.Should().Be(HttpStatusCode.OK);
        var second = await PostAsync(phone, link, ("name", "Second"), ("note", "mine too"));
        second.Status.Should().Be(HttpStatusCode.Conflict);
        second.Text.Should().Contain("Already acknowledged by First.").And.Contain("Note: mine<").And.NotContain("<form");
        var page = await AnswerAsync(phone.GetAsync(link));
        page.Status.Should().Be(HttpStatusCode.OK);
        page.Text.Should().Contain("Already acknowledged by First.").And.NotContain("<form");
    }

    [Fact]
    public async Task many_at_once_acknowledge_it_once()
    {
        var (id, link) = await notify.RaiseAsync();
        using var phone = notify.Phone();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => PostAsync(phone, link, ("name", $"P{i}"), ("note", ""))));
        answers.Count(x => x.Status == HttpStatusCode.OK).Should().Be(1);
        answers.Count(x => x.Status == HttpStatusCode.Conflict).Should().Be(7);
        (await notify.Host.GetAsync($"audit?resource={id}"))["items"]!.AsArray()
            .Count(x => (string)x!["type"]! == "alarms.alarm_acknowledged.v1").Should().Be(1);
    }

    [Fact]
    public async Task what_the_source_has_acknowledged_needs_no_more()
    {
        var (id, link) = await notify.RaiseAsync();
        await notify.ReportAsync(id, new { state = "ActiveAcked", ackUser = "DCS" });
        using var phone = notify.Phone();
        (await AnswerAsync(phone.GetAsync(link))).Text.Should().Contain("Already acknowledged by DCS.").And.NotContain("<form");
    }

    [Fact]
    public async Task a_link_ends_with_the_occurrence_of_its_message_and_the_next_has_its_own()
    {
        var (id, link) = await notify.RaiseAsync(new { level = "Critical", eventTime = "2026-11-01T00:00:00Z", description = "secret plan" });
        using var phone = notify.Phone();
        await notify.ReportAsync(id, new { state = "ClearedUnacked", eventTime = "2026-11-01T01:00:00Z" });
        var ended = await AnswerAsync(phone.GetAsync(link));
        ended.Status.Should().Be(HttpStatusCode.Gone);
        ended.Text.Should().Contain("The alarm has ended").And.Contain("2026-11-01 09:00:00").And.Contain($"href=\"../alarms/{id}\"")
            .And.NotContain("<form").And.NotContain("secret plan");
        (await PostAsync(phone, link, ("name", "Late"))).Status.Should().Be(HttpStatusCode.Gone);
        (await notify.StateAsync(id)).Should().Be("ClearedUnacked");

        await notify.ReportAsync(id, new { state = "ActiveUnacked", eventTime = "2026-11-01T02:00:00Z" });
        var old = await PostAsync(phone, link, ("name", "Late"));
        old.Status.Should().Be(HttpStatusCode.Gone);
        old.Text.Should().Contain("is active again and needs a new acknowledgement").And.Contain("2026-11-01 10:00:00").And.Contain("▲")
            .And.NotContain("<form").And.NotContain("secret plan");
        var next = LinkFixture.LinkIn((await notify.MessagesAsync(id, 3)).Last(x => x.Contains("ActiveUnacked", StringComparison.Ordinal)));
        next.Should().NotBe(link);
        (await PostAsync(phone, next, ("name", "On time"))).Status.Should().Be(HttpStatusCode.OK);
        (await notify.StateAsync(id)).Should().Be("ActiveAcked");
    }

    [Fact]
    public async Task an_explanation_or_a_preview_gives_nobody_a_link_that_works()
    {
        var (id, link) = await notify.RaiseAsync();
        var explained = await notify.Host.PostAsync("rules/explain", new { alarmId = id });
        explained.ToJsonString().Should().Contain("/a/sample-").And.NotContain(LinkFixture.TokenOf(link));
        var preview = await notify.Host.PostAsync("messages/preview", new { type = "wecom", content = "{urlPath}" });
        ((string)preview["text"]!).Should().Contain("/a/sample-").And.HaveLength(link.ToString().Length);
    }

    internal static async Task<(HttpStatusCode Status, string Text)> PostAsync(
        HttpClient client, Uri link, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(x => KeyValuePair.Create(x.Name, x.Value)));
        return await AnswerAsync(client.PostAsync(link, form));
    }

    internal static async Task<(HttpStatusCode Status, string Text)> AnswerAsync(Task<HttpResponseMessage> sent)
    {
        using var response = await sent;
        // An encoder may write more characters as references than it must.
        return (response.StatusCode, (await response.Content.ReadAsStringAsync()).Replace("&#x2B;", "+", StringComparison.Ordinal));
    }

    [GeneratedRegex("</textarea>", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex TextArea();
}
