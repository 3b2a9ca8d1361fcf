using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using MiniExcelLibs;
using Notify.Testing;

namespace Notify.Services.Tests.AccountImport;

public sealed class ImportTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private readonly NotifyHost host = fixture.Host;

    private static readonly string[] header = ["姓名", "帐号", "别名", "职务", "部门", "性别", "手机"];

    private static object?[] Person(string name, object? account) => [name, account, "", "", "厂/一线；厂/二线", "男", 13800000000.0];

    /// <summary>A sheet as WeCom exports it: eight rows of instructions, the header, the members.</summary>
    private static IEnumerable<object?[]> Export(IEnumerable<object?[]> people) =>
        [.. Enumerable.Range(1, 8).Select(i => new object?[] { $"填写须知 {i}, \"帐号\"" }), header, .. people];

    private static byte[] Workbook(IEnumerable<object?[]> rows, string sheet = "成员列表")
    {
        using var stream = new MemoryStream();
        stream.SaveAs(rows.Select(x => Enumerable.Range(0, 7).Select(i => (v: i < x.Length ? x[i] : null, i)).ToDictionary(c => $"C{c.i}", c => c.v)),
            printHeader: false, sheetName: sheet);
        return stream.ToArray();
    }

    private static string Csv(IEnumerable<object?[]> rows, char delimiter = ',') =>
        string.Concat(rows.Select(
            x => string.Join(delimiter, x.Select(v => $"\"{Convert.ToString(v, CultureInfo.InvariantCulture)!.Replace("\"", "\"\"")}\"")) + "\r\n"));

    private async Task<RestAnswer> ImportAsync(string id, string mode, string name, byte[] content, string? ifMatch = "*")
    {
        var file = new ByteArrayContent(content);
        file.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var form = new MultipartFormDataContent { { file, "file", name } };
        return await host.SendAsync("POST", $"services/{id}/accounts/import?mode={mode}", form, ifMatch is null ? [] : ["If-Match", ifMatch]);
    }

    private static (int Rows, int Added, int Updated, int Unchanged, int Removed) Counts(RestAnswer x)
    {
        x.Status.Should().Be(200, x.Text);
        return ((int)x.Body["rows"]!, (int)x.Body["added"]!, (int)x.Body["updated"]!, (int)x.Body["unchanged"]!, (int)x.Body["removed"]!);
    }

    private async Task<string[]> AccountsAsync(string id) =>
        [.. (await host.GetAsync($"services/{id}"))["wecom"]!["accounts"]!.AsArray().Select(x => $"{x!["account"]} {x["name"]}")];

    [Fact]
    public async Task preview_merge_and_replace_do_what_they_say()
    {
        var created = await fixture.CreateServiceAsync("zhangsan", "lisi");
        var file = Workbook(Export([
            Person("示例：张三", "sample"), Person("张三", "ZhangSan"), Person("王五", 10086.0), Person("赵六", "old：zhaoliu"),
            Person("", "noname"), Person("无账号", null), Person("坏", "two words"), Person("王五二", "10086"), Person("=cmd", "formula"),
        ]));

        var preview = await ImportAsync(created.Id, "preview", "成员.xlsx", file, ifMatch: null);
        Counts(preview).Should().Be((9, 2, 1, 0, 0));
        preview.Body["skipped"]!.AsArray().Select(x => (int)x!["row"]!).Should().Equal(10, 14, 15, 16, 17, 18);
        (preview.Version, (await host.SendAsync("GET", $"services/{created.Id}")).Text).Should().Be((1, created.Text));

        var merged = await ImportAsync(created.Id, "merge", "C:\\export\\成员.xlsx", file, "\"1\"");
        Counts(merged).Should().Be((9, 2, 1, 0, 0));
        (merged.Version, merged.ETag).Should().Be((2, "\"2\""));
        (await AccountsAsync(created.Id)).Should().Equal("zhangsan 张三", "lisi Name of lisi", "10086 王五", "zhaoliu 赵六");
        Counts(await ImportAsync(created.Id, "merge", "成员.xlsx", file)).Should().Be((9, 0, 0, 3, 0));
        (await host.SendAsync("GET", $"services/{created.Id}")).Version.Should().Be(3, "that nothing changed is on record too");

        var replacing = await ImportAsync(created.Id, "preview&as=replace", "成员.xlsx", file, ifMatch: null);
        Counts(replacing).Should().Be((9, 0, 0, 3, 1));
        replacing.Body["changes"]!.AsArray().Select(x => (string)x!["account"]!).Should().Equal("lisi");
        Counts(await ImportAsync(created.Id, "replace", "成员.xlsx", file)).Should().Be((9, 0, 0, 3, 1));
        (await AccountsAsync(created.Id)).Should().Equal("zhangsan 张三", "10086 王五", "zhaoliu 赵六");

        var history = (await host.GetAsync($"services/{created.Id}/history"))["items"]!.AsArray();
        history.Select(x => (string)x!["type"]!).Should()
            .Equal([.. Enumerable.Repeat("services.service_accounts_imported.v1", 3), "services.service_created.v1"]);
        history[1]!["changes"]!.AsArray().Should().BeEmpty();
        history[2]!["changes"]!.AsArray().Select(x => (string)x!["path"]!).Should()
            .Equal("wecom.accounts[0].name", "wecom.accounts[2]", "wecom.accounts[3]");
        var audit = (await host.GetAsync($"audit?resource={created.Id}"))["items"]![1]!["data"]!;
        ((string)audit["file"]!, (string)audit["mode"]!, (int)audit["added"]!, (int)audit["skipped"]!).Should().Be(("成员.xlsx", "merge", 2, 6));
    }

    public static TheoryData<string, string, byte[]> Spellings()
    {
        var rows = Export([Person("张三", "zhangsan")]).ToList();
        var gb18030 = CodePagesEncodingProvider.Instance.GetEncoding("GB18030")!;
        object?[][] english = [["Name", "ID"], ["张三", "zhangsan"]];
        object?[][] newer = [[" 账号 * ", "姓 名（必填）"], ["zhangsan", "张三"]];
        return new TheoryData<string, string, byte[]>
        {
            { "workbook", "a.xlsx", Workbook(rows) },
            { "workbook of another name", "A.XLSX", Workbook(newer, "Sheet1") },
            { "utf-8", "a.csv", Encoding.UTF8.GetBytes(Csv(rows)) },
            { "utf-8 with a mark", "a.csv", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Csv(rows))] },
            { "gb18030", "a.csv", gb18030.GetBytes(Csv(rows)) },
            { "gb18030 with semicolons", "a.csv", gb18030.GetBytes(Csv(newer, ';')) },
            { "utf-16 with tabs", "a.csv", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Csv(rows, '\t'))] },
            { "english", "a.csv", Encoding.UTF8.GetBytes(Csv(english)) },
        };
    }

    [Theory]
    [MemberData(nameof(Spellings), DisableDiscoveryEnumeration = true)]
    public async Task every_spelling_of_the_export_is_read(string spelling, string name, byte[] content)
    {
        var created = await fixture.CreateServiceAsync();
        Counts(await ImportAsync(created.Id, "merge", name, content)).Should().Be((1, 1, 0, 0, 0), spelling);
        (await AccountsAsync(created.Id)).Should().Equal(["zhangsan 张三"], spelling);
    }

    [Fact]
    public async Task of_ten_thousand_rows_a_service_takes_a_thousand_and_says_so_of_each_other()
    {
        var created = await fixture.CreateServiceAsync();
        var file = Workbook(Export(Enumerable.Range(1, 10_000).Select(i => Person($"成员 {i}", $"user{i}"))));
        var answer = await ImportAsync(created.Id, "merge", "all.xlsx", file);
        Counts(answer).Should().Be((10_000, 1000, 0, 0, 0));
        var skipped = answer.Body["skipped"]!.AsArray();
        (skipped.Count, (int)skipped[0]!["row"]!, (string)skipped[0]!["reason"]!).Should().Be((9000, 1010, "A service has at most 1000 accounts."));
    }

    [Fact]
    public async Task a_change_needs_the_version_and_checks_come_in_order()
    {
        var created = await fixture.CreateServiceAsync();
        var file = Encoding.UTF8.GetBytes("姓名,账号\n张三,zhangsan");
        (await ImportAsync("service-none", "merge", "a.csv", file)).Status.Should().Be(404);
        (await ImportAsync(created.Id, "merge", "a.csv", file, ifMatch: null)).Status.Should().Be(428);
        (await ImportAsync(created.Id, "replace", "a.csv", file, "\"2\"")).Status.Should().Be(412);
        (await ImportAsync(created.Id, "append", "a.csv", file)).Status.Should().Be(400);
        (await ImportAsync(created.Id, "preview&as=append", "a.csv", file)).Status.Should().Be(400);
        (await host.SendAsync("POST", $"services/{created.Id}/accounts/import?mode=preview", new { })).Status.Should().Be(415);
        var form = new StringContent("no parts", Encoding.UTF8);
        form.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x");
        (await host.SendAsync("POST", $"services/{created.Id}/accounts/import?mode=preview", form)).Status.Should().Be(400);
    }

    [Fact]
    public async Task a_file_is_read_for_a_service_that_is_not_there_yet()
    {
        async Task<RestAnswer> ReadAsync(string type, string content)
        {
            using var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes(content)), "file", "C:\\export\\成员.csv" } };
            return await host.SendAsync("POST", $"services/accounts/import/preview?type={type}", form);
        }

        var read = await ReadAsync("wecom", "姓名,账号\n张三,ZhangSan\n,nobody\n");
        read.Status.Should().Be(200, read.Text);
        var expected = JsonNode.Parse("""
            { "file": "成员.csv", "rows": 2, "accounts": [{ "row": 2, "account": "ZhangSan", "name": "张三" }],
              "skipped": [{ "row": 3, "account": "nobody", "reason": "The name is missing." }] }
            """);
        JsonNode.DeepEquals(read.Body, expected).Should().BeTrue(read.Text);
        (await ReadAsync("wecom", "nothing of it")).Status.Should().Be(400);
        (await ReadAsync("email", "姓名,账号\n")).Detail.Should().Contain("have no accounts");
        (await ReadAsync("fax", "姓名,账号\n")).Status.Should().Be(400);
    }

    [Fact]
    public async Task a_service_that_sends_to_accounts_is_not_emptied()
    {
        var created = await fixture.CreateServiceAsync("zhangsan");
        (await ImportAsync(created.Id, "replace", "a.csv", Encoding.UTF8.GetBytes("姓名,账号\n"))).Status.Should().Be(400);
        (await AccountsAsync(created.Id)).Should().ContainSingle();
    }

    /// <summary>Not enumerated by discovery, which would write down each of these millions of bytes by itself, and take minutes for it.</summary>
    public static TheoryData<string, string, byte[], int> Hostile()
    {
        byte[] good = Workbook(Export([Person("张三", "zhangsan")]));
        return new TheoryData<string, string, byte[], int>
        {
            { "empty", "a.xlsx", [], 400 },
            { "huge", "a.csv", new byte[6 * 1024 * 1024], 413 },
            { "zip bomb", "a.xlsx", With(good, "xl/worksheets/sheet1.xml", new string(' ', 70_000_000)), 400 },
            { "formula", "a.xlsx", With(good, "xl/worksheets/sheet1.xml", Sheet("<row r=\"1\"><c r=\"A1\"><f>1+1</f><v>2</v></c></row>")), 400 },
            { "entities", "a.xlsx", With(good, "xl/worksheets/sheet1.xml", "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><worksheet>&a;</worksheet>"), 400 },
            { "torn xml", "a.xlsx", With(good, "xl/worksheets/sheet1.xml", "<worksheet><sheetData>"), 400 },
            { "far row", "a.xlsx", With(good, "xl/worksheets/sheet1.xml", Sheet("<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>")), 400 },
            { "wide", "a.xlsx", With(good, "xl/worksheets/sheet1.xml",
            $"<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><dimension ref=\"A1:XFD1048576\"/><sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"999999\"><c r=\"A999999\"><v>1</v></c></row></sheetData></worksheet>"), 400 },
            { "cut", "a.xlsx", good[..^100], 400 },
            { "zip of something else", "a.xlsx", With([], "readme.txt", "hello"), 400 },
            { "no header", "a.xlsx", Workbook([["张三", "zhangsan"]]), 400 },
            { "text named as a workbook", "a.xlsx", Encoding.UTF8.GetBytes("姓名,账号"), 400 },
            { "workbook named as text", "a.csv", good, 400 },
            { "encrypted", "a.xlsx", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0], 400 },
            { "picture", "a.csv", [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0, 0, 13], 400 },
            { "unknown extension", "a.pdf", Encoding.UTF8.GetBytes("姓名,账号"), 400 },
            { "open quote", "a.csv", Encoding.UTF8.GetBytes("姓名,账号\n\"张三,zhangsan\n"), 400 },
            { "too many rows", "a.csv", Encoding.UTF8.GetBytes("姓名,账号\n" + string.Concat(Enumerable.Repeat("a,b\n", 20_001))), 400 },
        };
    }

    [Theory]
    [MemberData(nameof(Hostile), DisableDiscoveryEnumeration = true)]
    public async Task a_hostile_file_is_refused_clearly(string kind, string name, byte[] content, int status)
    {
        var created = await fixture.CreateServiceAsync();
        var answer = await ImportAsync(created.Id, "merge", name, content);
        answer.Status.Should().Be(status, "of {0}: {1}", kind, answer.Text);
        answer.Detail.Should().NotBeNullOrEmpty();
        (await host.SendAsync("GET", $"services/{created.Id}")).Text.Should().Be(created.Text);
    }

    private static string Sheet(string rows) =>
        $"<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{rows}</sheetData></worksheet>";

    /// <summary>The archive with one part exchanged.</summary>
    private static byte[] With(byte[] archive, string part, string content)
    {
        using var stream = new MemoryStream();
        stream.Write(archive);
        using (var zip = new ZipArchive(stream, archive.Length == 0 ? ZipArchiveMode.Create : ZipArchiveMode.Update, leaveOpen: true))
        {
            if (archive.Length > 0) zip.GetEntry(part)?.Delete();
            using var writer = new StreamWriter(zip.CreateEntry(part).Open());
            writer.Write(content);
        }

        return stream.ToArray();
    }
}
