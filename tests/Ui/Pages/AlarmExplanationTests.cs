using System.Text.Json.Nodes;
using Bunit;
using Notify.Alarms.Pages;
using Notify.Contracts.Rules;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Pages;

public sealed class AlarmExplanationTests : ComponentTest
{
    private const string Ask = "GET alarms/a1/explain?receiver=";

    /// <summary>The receivers that the explanation says were told.</summary>
    private readonly List<string> told = [];

    private JsonArray receivers = [];

    public AlarmExplanationTests() => Answer = asked =>
        asked == "GET session" ? JsonNode.Parse("""{ "permissions": ["people.read", "alarms.read"] }""")
        : asked.StartsWith("GET users?", StringComparison.Ordinal) ? Page(Named("user-1", "Zhang San"), Named("user-2", "Li Si"))
        : asked.StartsWith("GET groups?", StringComparison.Ordinal) ? Page(Named("group-1", "Night", "user-1", "user-2"))
        : asked.Contains("&page=2&", StringComparison.Ordinal) ? Rules(new JsonArray(Receiver("account", "of.the.second.page")))
        : asked.StartsWith("GET rules?", StringComparison.Ordinal) ? Rules(receivers.DeepClone().AsArray())
        : asked.StartsWith(Ask, StringComparison.Ordinal) ? Page(Change(told.Contains(Uri.UnescapeDataString(asked[Ask.Length..]))))
        : null;

    [Fact]
    public void who_was_told_at_an_address_of_theirs_or_as_one_of_all_is_not_among_those_who_were_not()
    {
        receivers = [Receiver("group", "group-1"), Receiver("account", "wang.wu"), Receiver("account", "zhao.liu")];
        told.Add("account:zhao.liu");
        var explanation = Show(new Receiver("account", Account: "zhang.san") { People = [new("user-1", "Zhang San", "wecomAccount")] });
        explanation.FindAll("h3").Select(x => x.TextContent).Should().Equal("Li Si", "wang.wu", "of.the.second.page");
        Asked.Should().NotContain(Ask + "user%3Auser-1");
    }

    [Fact]
    public void those_beyond_the_first_thirty_are_counted_and_shown_when_asked_for()
    {
        receivers = [.. Enumerable.Range(1, 44).Select(x => Receiver("account", $"person.{x}"))];
        var explanation = Show();
        explanation.FindAll("h3").Should().HaveCount(30);
        explanation.Find("[role=status] .numbers").TextContent.Should().Be("30 of 45 receivers");
        explanation.Find("[role=status] button").Click();
        explanation.FindAll("h3").Should().HaveCount(45);
        explanation.FindAll("[role=status] button").Should().BeEmpty();
    }

    private IRenderedComponent<AlarmExplanation> Show(params Receiver[] reached)
    {
        var me = new Me("u1", "Li Si", "li.si", [], ["alarms.read", "configuration.read"], [], null, false, 0, null);
        var explanation = Render<AlarmExplanation>(x => x.Add(y => y.AlarmId, "a1").Add(y => y.Told, reached).AddCascadingValue(me));
        explanation.Find("button[type=button]").Click();
        return explanation;
    }

    private static JsonObject Receiver(string kind, string account) => new() { ["kind"] = kind, ["account"] = account };

    private static JsonObject Named(string id, string name, params string[] members) =>
        new() { ["id"] = id, ["name"] = name, ["version"] = 1, ["members"] = new JsonArray([.. members.Select(x => JsonValue.Create(x))]) };

    private static JsonObject Page(params JsonObject[] items) => new() { ["items"] = new JsonArray([.. items]), ["total"] = items.Length };

    /// <summary>One of two rules.</summary>
    private static JsonObject Rules(JsonArray receivers) => new()
    {
        ["items"] = new JsonArray(new JsonObject { ["id"] = "r", ["actions"] = new JsonArray(new JsonObject { ["receivers"] = receivers }) }),
        ["total"] = 2,
    };

    private static JsonObject Change(bool isTold) => new()
    {
        ["state"] = "ActiveUnacked",
        ["told"] = isTold,
        ["change"] = new JsonObject { ["at"] = "2026-10-01T12:00:00Z" },
        ["summary"] = new JsonObject { ["en"] = "A sentence.", ["zh"] = "一句话。" },
    };
}
