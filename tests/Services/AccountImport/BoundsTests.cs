using System.IO.Compression;
using System.Text;
using Notify.Channels.AccountImport;
using Notify.Channels.WeCom;
using Notify.Kernel;

namespace Notify.Services.Tests.AccountImport;

/// <summary>A file is read in one pass that holds one row, whatever the file says of itself and whatever it unpacks to.</summary>
public sealed class BoundsTests
{
    private const string Header = """<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c><c r="B1" t="inlineStr"><is><t>账号</t></is></c></row>""";

    private static readonly (string Sheet, string Texts) Good = ($"{Header}{Person(2)}", "");

    private static string Person(int row, string more = "") =>
        $"""<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>成员 {row}</t></is></c><c r="B{row}" t="inlineStr"><is><t>user{row}</t></is></c>{more}</row>""";

    private static string People(int count, Func<int, string>? more = null) =>
        string.Concat(Enumerable.Range(2, count).Select(row => Person(row, more?.Invoke(row) ?? "")));

    /// <summary>A workbook whose sheet and texts are these, as small as it gets.</summary>
    private static MemoryStream Workbook(string sheet, string texts = "", string before = "", int parts = 0)
    {
        const string main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
        const string office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add("xl/workbook.xml", $"""<workbook {main} xmlns:r="{office}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>""");
            Add("xl/_rels/workbook.xml.rels", $"""<Relationships><Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{office}/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>""");
            Add("xl/worksheets/sheet1.xml", $"<worksheet {main}>{before}<sheetData>{sheet}</sheetData></worksheet>");
            Add("xl/sharedStrings.xml", $"<sst {main}>{texts}</sst>");
            for (var i = 0; i < parts; i++) Add($"x{i}", "");

            void Add(string name, string text)
            {
                using var writer = new StreamWriter(zip.CreateEntry(name, CompressionLevel.Fastest).Open());
                writer.Write(text);
            }
        }

        stream.Position = 0;
        return stream;
    }

    public static TheoryData<string, int, string?> Large() => new()
    {
        { "many rows and one cell far to the right", 19_999, null },
        { "a dimension as large as can be", 1, null },
        { "an own row and column for nobody", 1, null },
        { "one long text", 2, null },
        { "one long shared text", 1, null },
        { "one shared text of many pieces in many rows", 2000, null },
        { "one cell of many pieces", 1, null },
        { "columns that no sheet has", 1, null },
        { "many shared texts", 1, "has more than 300000 texts" },
        { "much shared text", 1, "have more than 4194304 characters" },
        { "long cells", 1, "unpacks to more than 32 MiB" },
        { "many cells", 1, "has more than 1000000 cells" },
        { "many rows", 1, "has more than 20000 rows" },
        { "a long attribute", 1, "has more than 256 KiB" },
        { "a long gap", 1, "has more than 256 KiB" },
        { "a long comment", 1, "has more than 256 KiB" },
        { "a long name", 1, "has more than 256 KiB" },
        { "deep elements", 1, "nested too deeply" },
        { "many kinds of elements", 1, "too many kinds" },
        { "many parts", 1, "too many parts" },
    };

    private static MemoryStream FileOf(string kind) => kind switch
    {
        "many rows and one cell far to the right" => Workbook(Header + People(19_999, row => $"""<c r="ZZ{row}"><v>1</v></c>""")),
        "a dimension as large as can be" => Workbook(Good.Sheet, before: """<dimension ref="A1:XFD1048576"/>"""),
        "an own row and column for nobody" => Workbook(Good.Sheet + """<row r="1048576"><c r="XFD1048576"/></row>"""),
        "one long text" => Workbook(
        $"{Header}{Person(2)}<row><c t=\"inlineStr\"><is><t>{new string('x', 200_000)}</t></is></c><c t=\"inlineStr\"><is><t>long</t></is></c></row>"),
        "one long shared text" => Workbook(Good.Sheet, $"<si><t>{new string('x', 200_000)}</t></si>"),
        "one shared text of many pieces in many rows" => Workbook(
            Header + People(2000, row => $"""<c r="C{row}" t="s"><v>0</v></c>"""),
            $"<si>{string.Concat(Enumerable.Repeat($"<r><t>{new string('x', 250)}</t></r>", 1000))}</si>"),
        "one cell of many pieces" => Workbook(Header + Person(
            2, $"<c t=\"inlineStr\"><is>{string.Concat(Enumerable.Repeat($"<r><t>{new string('x', 250)}</t></r>", 100_000))}</is></c>")),
        "columns that no sheet has" => Workbook(Header + Person(2, """<c r="ZZZZZZ2"><v>1</v></c>""")),
        "many shared texts" => Workbook(Good.Sheet, string.Concat(Enumerable.Repeat("<si><t>x</t></si>", 300_001))),
        "much shared text" => Workbook(Good.Sheet, string.Concat(Enumerable.Repeat($"<si><t>{new string('x', 200)}</t></si>", 21_000))),
        "long cells" => Workbook(Good.Sheet + string.Concat(Enumerable.Repeat($"<row><c><v>{new string('1', 200_000)}</v></c></row>", 180))),
        "many cells" => Workbook(Good.Sheet + "<row>" + string.Concat(Enumerable.Repeat("<c/>", 1_000_001)) + "</row>"),
        "many rows" => Workbook(Header + People(20_000)),
        "a long attribute" => Workbook(Good.Sheet, before: $"<sheetPr tab=\"{new string('x', 2_000_000)}\"/>"),
        "a long gap" => Workbook(Good.Sheet, before: new string(' ', 2_000_000)),
        "a long comment" => Workbook(Good.Sheet, before: $"<!--{new string('x', 2_000_000)}-->"),
        "a long name" => Workbook(Good.Sheet, before: $"<{new string('x', 2_000_000)}/>"),
        "deep elements" => Workbook(string.Concat(Enumerable.Repeat("<a>", 100_000))),
        "many kinds of elements" => Workbook(Good.Sheet, before: string.Concat(Enumerable.Range(0, 100_000).Select(i => $"<a{i}/>"))),
        "many parts" => Workbook(Good.Sheet, parts: 1000),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <param name="rows">How many have an account, where the file is read.</param>
    /// <param name="refused">What is said to it; null: it is read.</param>
    [Theory]
    [MemberData(nameof(Large))]
    public void a_workbook_is_read_or_refused_within_bounds(string kind, int rows, string? refused)
    {
        var file = FileOf(kind);
        GC.Collect();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = () => MemberSheet.Read("a.xlsx", file);
        if (refused is not null) read.Should().Throw<ProblemException>().Which.Errors!["file"].Single().Should().Contain(refused);
        else read().RowCount.Should().Be(rows);
        // What it holds at one time is less; most of this is the row that was read before.
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(48 * 1024 * 1024);
    }

    [Theory]
    [InlineData("a long cell", 2, null)]
    [InlineData("a wide row", 1, null)]
    [InlineData("empty lines", 1, null)]
    [InlineData("a quote that is never closed", 0, "unclosed quotation mark")]
    [InlineData("many rows", 0, "has more than 20000 rows")]
    public void a_text_file_is_read_or_refused_within_bounds(string kind, int rows, string? refused)
    {
        const string good = "姓名,账号\n张三,zhangsan\n";
        var file = new MemoryStream(Encoding.UTF8.GetBytes(kind switch
        {
            "a long cell" => $"{good}李四,{new string('x', 4_000_000)}\n",
            "a wide row" => $"{good}{new string(',', 4_000_000)}\n",
            "empty lines" => good + new string('\n', 4_000_000),
            "a quote that is never closed" => good + "\"" + new string('x', 4_000_000),
            _ => good + string.Concat(Enumerable.Repeat("a,b\n", 20_001)),
        }));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = () => MemberSheet.Read("a.csv", file);
        if (refused is not null) read.Should().Throw<ProblemException>().Which.Errors!["file"].Single().Should().Contain(refused);
        else read().RowCount.Should().Be(rows);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(16 * 1024 * 1024);
    }

    [Theory]
    [InlineData("IV1", "IV2", true)]
    [InlineData("IW1", "IW2", false)]
    [InlineData("ZZZZZZ1", "ZZZZZZ2", false)]
    public void what_lies_further_to_the_right_than_any_list_of_members_is_not_read(string header, string cell, bool isRead)
    {
        var sheet = $"""
            <row><c t="str"><v>姓名</v></c><c r="{header}" t="str"><v>账号</v></c></row>
            <row><c t="str"><v>张三</v></c><c r="{cell}" t="str"><v>zhangsan</v></c></row>
            """;
        var line = new string(',', isRead ? 255 : 256);
        var text = Encoding.UTF8.GetBytes($"姓名{line}账号\n张三{line}zhangsan\n");
        foreach (var read in (Func<AccountSheet>[])[
            () => MemberSheet.Read("a.xlsx", Workbook(sheet)), () => MemberSheet.Read("a.csv", new MemoryStream(text))])
        {
            if (isRead) read().Accounts.Should().ContainSingle().Which.Account.Should().Be("zhangsan");
            else read.Should().Throw<ProblemException>().Which.Errors!.Should().ContainKey("file");
        }
    }

    [Theory]
    [InlineData(253)]
    [InlineData(254)]
    [InlineData(255)]
    [InlineData(256)]
    public void a_long_cell_is_not_cut_within_a_character(int before)
    {
        var text = $"{new string('x', before)}{string.Concat(Enumerable.Repeat("𠮷", 100))}";
        var header = "<row><c t=\"str\"><v>姓名</v></c><c t=\"str\"><v>账号</v></c></row>";
        foreach (var read in (Func<AccountSheet>[])[
            () => MemberSheet.Read("a.csv", new MemoryStream(Encoding.UTF8.GetBytes($"姓名,账号\n{text},{text}\n"))),
            () => MemberSheet.Read("a.xlsx", Workbook($"{header}<row><c t=\"str\"><v>{text}</v></c><c t=\"str\"><v>{text}</v></c></row>")),
            () => MemberSheet.Read("a.xlsx", Workbook(
                $"{header}<row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c></row>",
                $"<si><t>{text}</t></si><si><r><t>{text[..(before - 1)]}</t></r><r><t>{text[(before - 1)..]}</t></r></si>"))])
            read().Skipped.Should().ContainSingle();
    }

    [Fact]
    public void what_is_no_character_is_no_text()
    {
        var read = () => MemberSheet.Read("a.csv", new MemoryStream(Encoding.UTF8.GetBytes("姓名,账号\n张三,zhang\uFFFEsan\n")));
        read.Should().Throw<ProblemException>().Which.Errors!.Should().ContainKey("file");
    }

    [Theory]
    [InlineData(";", ",,,,,,,,,,")]
    [InlineData("\t", ";;;;;,,,,,")]
    [InlineData(",", ";;;;;;;;;;\t\t\t")]
    public void the_separator_is_that_of_the_header_however_many_others_there_are(string separator, string others)
    {
        var text = $"填写须知：{others}\n姓名{separator}账号{separator}部门\n张三{separator}zhangsan{separator}厂{others.Replace(separator, "", StringComparison.Ordinal)}\n";
        MemberSheet.Read("a.csv", new MemoryStream(Encoding.UTF8.GetBytes(text))).Accounts.Should().ContainSingle().Which.Account.Should().Be("zhangsan");
    }

    [Fact]
    public void who_is_in_a_row_that_cannot_be_used_is_not_taken_out()
    {
        var sheet = new AccountSheet(3, [new(2, "LiSi", "李四")], [new(3, "ZhangSan", "The name is missing."), new(4, "lisi", "The account is already in row 2.")]);
        var plan = ImportPlan.Make([new("zhangsan", "张三"), new("lisi", "李四"), new("wangwu", "王五")], sheet, ImportMode.Replace, most: 10);
        plan.Accounts.Should().Equal(new NamedAccount("zhangsan", "张三"), new("lisi", "李四"));
        plan.Changes.Should().Equal(new AccountChange(null, "wangwu", "王五", null));
    }

    [Fact]
    public void texts_are_read_whichever_way_a_workbook_writes_them()
    {
        var sheet = """
            <row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>
            <row><c t="s"><v>2</v></c><c><v>12</v></c></row>
            <row><c t="str"><v>李四</v></c><c t="str"><f>"0012"</f><v>0012</v></c></row>
            <row><c t="inlineStr"><is><r><t>王</t></r><r><t>五</t></r></is></c><c t="inlineStr"><is><t>="0013"</t></is></c></row>
            <row><c t="s"><v>2</v></c><c><v>1.3800000000E10</v></c></row>
            """;
        var texts = """<si><t>姓 名</t></si><si><r><t>企业微信</t></r><r><t>账号</t></r></si><si><t>张</t><rPh sb="0" eb="1"><t>zhang</t></rPh><t xml:space="preserve">三 </t></si>""";
        MemberSheet.Read("a.xlsx", Workbook(sheet, texts)).Accounts.Select(x => $"{x.Account} {x.Name}")
            .Should().Equal("12 张三", "0012 李四", "0013 王五", "13800000000 张三");
    }

    [Theory]
    [InlineData("姓名,企业微信账号\n张三,=\"0012\"\n")]
    [InlineData("姓名,员工账号\n张三,\"=\"\"0012\"\"\"\n")]
    [InlineData("=\"姓名\"\t=\"企业微信帐号\"\r\n=\"张三\"\t=\"0012\"")]
    [InlineData("员工帐号;姓名\r \"0012\" ; 张三 \r")]
    public void a_text_file_may_say_that_digits_are_text(string text) =>
        MemberSheet.Read("a.csv", new MemoryStream(Encoding.UTF8.GetBytes(text))).Accounts.Should().ContainSingle()
            .Which.Should().Match<AccountRow>(x => x.Account == "0012" && x.Name == "张三");
}
