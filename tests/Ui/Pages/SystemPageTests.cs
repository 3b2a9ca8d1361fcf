using System.Text.Json.Nodes;
using Bunit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Notify.Operation.Pages;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Pages;

/// <summary>The page that an operator opens when something is wrong with Notify itself.</summary>
public sealed class SystemPageTests : ComponentTest
{
    private static readonly Me reader = new("u1", "Li Si", "li.si", [], ["operation.read", "notifications.read"], [], null, false, 0, null);

    private readonly HashSet<string> missing = new(StringComparer.Ordinal);

    public SystemPageTests() => Answer = asked => missing.Contains(asked) ? null : Found(asked);

    [Fact]
    public void what_notify_says_of_its_health_and_of_a_rebuild_is_in_the_reader_s_language()
    {
        var chinese = new DefaultHttpContext();
        chinese.Request.Headers.Cookie = $"{Api.Reader.LanguageCookie}=zh";
        Services.GetRequiredService<IHttpContextAccessor>().HttpContext = chinese;
        var page = Show();
        page.Find("#health ~ ul").TextContent.Should().Contain("数据库磁盘已满。").And.NotContain("disk is full");
        page.Find("#rebuild ~ [role=status]").TextContent.Should().Contain("数据库未及时响应。");
    }

    [Fact]
    public void a_part_that_cannot_be_read_stays_as_it_was_and_the_page_says_so()
    {
        var page = Show();
        page.Find("#sealing ~ .table-box").TextContent.Should().Contain("k1");
        missing.Add("GET operation/keys");
        page.Find(".tools button").Click();
        page.Find("#sealing ~ .table-box").TextContent.Should().Contain("k1");
        page.Find("#lanes ~ .empty").Should().NotBeNull();
        page.Find("[role=alert]").TextContent.Should().Contain("Not found.");
    }

    [Fact]
    public void lanes_that_cannot_be_read_are_not_said_to_be_forbidden()
    {
        missing.Add("GET lanes");
        var page = Show();
        page.Find("#lanes ~ p").TextContent.Should().Be("They could not be read.");
        page.Find("#letters ~ .state-good").Should().NotBeNull("the rest of the page is there");
    }

    private IRenderedComponent<SystemPage> Show() => Render<SystemPage>(x => x.AddCascadingValue(reader));

    private static JsonObject? Found(string asked) => asked switch
    {
        "GET operation/nodes" => new() { ["items"] = new JsonArray() },
        "GET operation/dead-letters?pageSize=200" => new() { ["items"] = new JsonArray(), ["total"] = 0, ["page"] = 1, ["pageSize"] = 200 },
        "GET operation/keys" => new()
        {
            ["keys"] = new JsonArray(new JsonObject { ["id"] = "k1", ["isFirst"] = true, ["isSealing"] = true, ["sealed"] = 3 }),
            ["nodes"] = new JsonArray(),
        },
        "GET operation/backup" => new(),
        "GET operation/rebuild" => new()
        {
            ["running"] = false,
            ["models"] = new JsonArray(),
            ["waiting"] = new JsonArray(),
            ["known"] = new JsonArray("alarms"),
            ["failure"] = "The database did not answer in time.",
        },
        "GET lanes" => new() { ["items"] = new JsonArray() },
        // What load balancers ask is not below /api/v1/.
        "GET ready" => new()
        {
            ["status"] = "Unhealthy",
            ["checks"] = new JsonObject { ["database"] = new JsonObject { ["status"] = "Unhealthy", ["description"] = "The database's disk is full." } },
        },
        _ => null,
    };
}
