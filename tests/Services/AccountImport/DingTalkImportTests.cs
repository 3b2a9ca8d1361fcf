using System.Net.Http.Headers;
using System.Text;
using Notify.Testing;

namespace Notify.Services.Tests.AccountImport;

public sealed class DingTalkImportTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private readonly NotifyHost host = fixture.Host;

    [Fact]
    public async Task members_come_from_the_export_of_the_admin_console()
    {
        var id = (string)(await host.PostAsync("services", new
        {
            type = "dingtalk",
            name = "DingTalk",
            dingtalk = new
            {
                sendTo = new[] { "member" },
                app = new { clientId = "dingclient", clientSecret = "a-client-secret", robotCode = "dingrobot" },
                members = new[] { new { userId = "zhangsan", name = "张三" } },
            },
        }))["id"]!;
        const string export = """
            填写须知：请勿修改表头
            员工UserID,姓名,手机号,部门
            ZhangSan,张三丰,13800000000,厂/一线
            0165221234,李四,13800000001,厂/一线
            ,王五,13800000002,厂/一线
            """;

        var imported = await ImportAsync(id, "merge", export);
        imported.Status.Should().Be(200, imported.Text);
        ((int)imported.Body["added"]!, (int)imported.Body["updated"]!, imported.Body["skipped"]!.AsArray().Count).Should().Be((1, 1, 1));
        var service = await host.GetAsync($"services/{id}");
        service["dingtalk"]!["members"]!.AsArray().Select(x => $"{x!["userId"]} {x["name"]}").Should().Equal("zhangsan 张三丰", "0165221234 李四");
        service["dingtalk"]!["app"]!.ToJsonString().Should().NotContain("a-client-secret").And.Contain("\"set\":true");
    }

    [Fact]
    public async Task a_file_without_the_columns_is_refused()
    {
        var id = (string)(await host.PostAsync("services", new
        {
            type = "dingtalk",
            name = "DingTalk without columns",
            dingtalk = new
            {
                sendTo = new[] { "member" },
                app = new { clientId = "c", clientSecret = "s-e-c-r-e-t", robotCode = "r" },
                members = new[] { new { userId = "zhangsan" } },
            },
        }))["id"]!;
        var answer = await ImportAsync(id, "replace", "工号,手机\n1,2\n");
        answer.Status.Should().Be(400);
        answer.Faults.Should().ContainSingle().Which.Should().StartWith("file");
    }

    private async Task<RestAnswer> ImportAsync(string id, string mode, string text)
    {
        var file = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        file.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var form = new MultipartFormDataContent { { file, "file", "members.csv" } };
        return await host.SendAsync("POST", $"services/{id}/accounts/import?mode={mode}", form, "If-Match", "*");
    }
}
