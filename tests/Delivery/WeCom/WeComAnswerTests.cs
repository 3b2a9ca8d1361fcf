using System.Text;
using Notify.Channels.Sending;
using Notify.Channels.WeCom;
using Notify.Kernel.Secrets;

namespace Notify.Delivery.Tests.WeCom;

public sealed class WeComAnswerTests
{
    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("ok")]
    [InlineData("0")]
    [InlineData("[0]")]
    [InlineData("<html><body>Sign in</body></html>")]
    [InlineData("""{"errmsg":"ok"}""")]
    [InlineData("""{"errcode":"0","errmsg":"ok"}""")]
    [InlineData("""{"errcode":null}""")]
    [InlineData("""{"errcode":0.5}""")]
    [InlineData("""{"errcode":0,"errm""")]
    [InlineData("""{"errcode":0,"errmsg":"ok" """)]
    [InlineData("""{"errcode":0}<html>""")]
    [InlineData("""{"data":{"errcode":0}}""")]
    public void what_is_not_a_whole_answer_is_none(string body) => WeComAnswer.Read(Encoding.UTF8.GetBytes(body)).Should().BeNull();

    [Fact]
    public void unknown_members_and_a_byte_order_mark_do_no_harm() =>
        Read("\uFEFF" + """{"x":[{"errcode":5}],"errcode":0,"errmsg":"ok","msgid":"m1"}""").Judge("message/send", ["zhangsan"])
            .Should().BeEquivalentTo(
                new { Class = OutcomeClass.Ok, RequestId = "m1", PlatformCode = "0", PlatformMessage = "ok", MayHaveArrived = false });

    [Fact]
    public void accounts_that_were_left_out_are_told_whatever_their_case()
    {
        var outcome = Read("""{"errcode":0,"errmsg":"ok","invaliduser":"lisi","unlicenseduser":"WangWu","invalidparty":""}""")
            .Judge("message/send", ["ZhangSan", "LiSi", "wangwu"]);
        outcome.Class.Should().Be(OutcomeClass.Partial);
        outcome.Receivers.Should().Equal(
            new ReceiverOutcome("ZhangSan", "delivered"), new("LiSi", "failed", "invaliduser"), new("wangwu", "failed", "unlicenseduser"));
    }

    [Fact]
    public void with_nobody_left_it_is_no_success_and_not_just_ok()
    {
        var outcome = Read("""{"errcode":0,"errmsg":"ok","invaliduser":"lisi"}""").Judge("message/send", ["LiSi"]);
        (outcome.Class, outcome.PlatformMessage).Should().Be((OutcomeClass.Receiver, "ok, but for no receiver: invaliduser"));
    }

    [Fact]
    public void everyone_but_some_is_partial() =>
        Read("""{"errcode":0,"errmsg":"ok","unlicenseduser":"lisi|wangwu"}""").Judge("message/send", ["@all"])
            .Receivers.Should().Equal(
                new ReceiverOutcome("@all", "delivered"), new("lisi", "failed", "unlicenseduser"), new("wangwu", "failed", "unlicenseduser"));

    [Fact]
    public void all_receivers_refused_is_each_receivers_failure() =>
        Read("""{"errcode":81013,"errmsg":"user & party & tag all invalid"}""").Judge("message/send", ["a", "b"])
            .Receivers.Should().Equal(new ReceiverOutcome("a", "failed", "81013"), new("b", "failed", "81013"));

    [Fact]
    public void of_those_refused_the_named_ones_have_failed_and_the_others_may_be_tried()
    {
        var outcome = Read("""{"errcode":40031,"errmsg":"invalid userid list","invaliduser":"LISI"}""").Judge("message/send", ["zhangsan", "lisi"]);
        (outcome.Class, outcome.PlatformCode).Should().Be((OutcomeClass.Receiver, "40031"));
        outcome.Receivers.Should().Equal(new ReceiverOutcome("lisi", "failed", "40031"));
    }

    [Fact]
    public void who_was_refused_has_failed_also_if_the_account_looks_like_a_part_of_a_secret()
    {
        var known = new KnownSecrets(TimeProvider.System);
        known.Add("zhangsan.of.line-1");
        var answer = Read("""{"errcode":0,"errmsg":"not zhangsan.of.line","invaliduser":"zhangsan|zhangsan.of","invalidparty":"2","invalidtag":"3"}""");
        answer.Strike(known);
        answer.Judge("message/send", ["zhangsan.of", "lisi"], new(["2"], ["3"])).Receivers.Where(x => x.Outcome == "failed")
            .Select(x => $"{x.Kind} {x.Account}").Should().BeEquivalentTo("account zhangsan.of", "account …", "party 2", "tag 3");
        answer.Judge("message/send", ["@all"]).PlatformMessage.Should().Be("not …");
    }

    [Theory]
    [InlineData("not allow to access from your ip, hint: [1700000000], from ip: 203.0.113.7, more info at https://open.work.weixin.qq.com/devtool/query?e=60020", "203.0.113.7")]
    [InlineData("not allow to access from your ip, from ip: 2001:db8::7, more info", "2001:db8::7")]
    [InlineData("not allow to access from your ip", null)]
    public void an_untrusted_address_is_named(string message, string? ip)
    {
        var outcome = Read($$"""{"errcode":60020,"errmsg":"{{message}}"}""").Judge("message/send", ["a"]);
        (outcome.Class, outcome.EgressIp, outcome.PlatformMessage).Should().Be((OutcomeClass.Configuration, ip, message));
    }

    [Fact]
    public void too_fast_says_how_long_to_wait()
    {
        var outcome = Read("""{"errcode":45009,"errmsg":"api freq out of limit"}""").Judge("webhook/send", []);
        (outcome.Class, outcome.RetryAfter).Should().Be((OutcomeClass.Rate, TimeSpan.FromSeconds(60)));
    }

    private static WeComAnswer Read(string body) => WeComAnswer.Read(Encoding.UTF8.GetBytes(body))!;
}
