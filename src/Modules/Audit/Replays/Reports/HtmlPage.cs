using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Notify.Audit.Replays.Reports;

/// <summary>A report as a self-contained HTML page, without scripts, pictures or external fonts. Primarily for printing.</summary>
public static class HtmlPage
{
    private const string Style =
        """
        @page{size:A4;margin:16mm 14mm 18mm;@bottom-right{content:counter(page) " / " counter(pages);font:8pt sans-serif;color:#555}}
        *{box-sizing:border-box}
        body{font:10pt/1.45 "Helvetica Neue",Arial,"Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif;color:#1a1d21;background:#fff;max-width:210mm;margin:0 auto;padding:12mm}
        h1{font-size:19pt;line-height:1.2;margin:0 0 1mm}
        h2{font-size:12pt;margin:9mm 0 2mm;padding-bottom:1mm;border-bottom:1.5px solid #1a1d21;break-after:avoid}
        p{margin:0 0 2mm}
        .lead{color:#444}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.5mm 5mm;margin:4mm 0;padding:3mm 4mm;background:#f4f5f7;border-left:3px solid #1a1d21;font-size:9pt}
        dt{color:#555}dd{margin:0;overflow-wrap:anywhere}
        .figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(31mm,1fr));gap:2mm;margin:4mm 0}
        .figure{border:1px solid #cfd3d8;padding:2mm 3mm;break-inside:avoid}
        .figure b{display:block;font-size:15pt;line-height:1.2;font-variant-numeric:tabular-nums}
        .figure span{font-size:8pt;color:#555}
        .figure.bad b{color:#a3200f}
        table{width:100%;border-collapse:collapse;font-size:8.5pt}
        thead{display:table-header-group}
        th{text-align:left;font-weight:600;border-bottom:1px solid #1a1d21;padding:1mm 2mm 1mm 0;vertical-align:bottom}
        td{border-bottom:1px solid #e2e5e9;padding:1.2mm 2mm 1.2mm 0;vertical-align:top;overflow-wrap:anywhere}
        tr{break-inside:avoid}
        td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
        td.t{white-space:nowrap;font-variant-numeric:tabular-nums}
        td.k,th{white-space:nowrap}td.a{min-width:26mm}
        td.s{white-space:nowrap;color:#777;font-variant-numeric:tabular-nums;text-align:right}
        .tag{display:inline-block;border:1px solid #888;border-radius:2px;padding:0 1.2mm;font-size:7.5pt;line-height:1.5}
        .alarm{border-color:#b35c00;color:#8a4700}.people{border-color:#0b5cad;color:#0b5cad}.decision{border-color:#666;color:#444}
        .ok{border-color:#23743a;color:#1d6431}.bad{border-color:#a3200f;color:#a3200f}.config{border-color:#6a3fa0;color:#583388}
        .quiet{color:#666}.was{color:#a3200f;text-decoration:line-through}.is{color:#1d6431}
        pre{font:8pt/1.4 ui-monospace,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere;margin:1mm 0 0;background:#f4f5f7;padding:2mm}
        svg{display:block;width:100%;height:auto}
        svg text{font:8px sans-serif;fill:#555}
        .b0{fill:#d08a3c}.b1{fill:#7b8794}.b2{fill:#3f8a56}.b3{fill:#b83a28}
        .key{font-size:8pt;color:#555}.key i{display:inline-block;width:3mm;height:3mm;margin:0 1mm 0 4mm;vertical-align:-.4mm}
        .k0{background:#d08a3c}.k1{background:#7b8794}.k2{background:#3f8a56}.k3{background:#b83a28}
        footer{margin-top:10mm;padding-top:2mm;border-top:1px solid #cfd3d8;font-size:8pt;color:#555}
        @media print{body{padding:0;max-width:none}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
        """;

    private static readonly HtmlEncoder encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>The hash of the page's style, for its Content-Security-Policy.</summary>
    public static readonly string StyleHash = $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}";

    public static readonly IReadOnlyList<string> Languages = ["en", "zh"];

    public static string Escape(string? text) => encoder.Encode(text ?? "");

    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);

    /// <summary>Everything up to the content.</summary>
    public static StringBuilder Begin(string language, string title, string lead, IEnumerable<(string Label, string? Value)> facts)
    {
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture,
            $"<!DOCTYPE html>\n<html lang=\"{(language == "zh" ? "zh-CN" : "en")}\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.Append(CultureInfo.InvariantCulture,
            $"<meta name=\"viewport\" content=\"width=device-width\">\n<title>{Escape(title)}</title>\n<style>{Style}</style>\n</head>\n<body>\n");
        html.Append(CultureInfo.InvariantCulture, $"<h1>{Escape(title)}</h1>\n<p class=\"lead\">{Escape(lead)}</p>\n<dl>\n");
        foreach (var (label, value) in facts)
            if (!string.IsNullOrEmpty(value)) html.Append(CultureInfo.InvariantCulture, $"<dt>{Escape(label)}</dt><dd>{Escape(value)}</dd>\n");
        return html.Append("</dl>\n");
    }

    public static string End(string remark) => $"<footer>{Escape(remark)}</footer>\n</body>\n</html>\n";

    public static void Figures(StringBuilder html, IEnumerable<(string Label, long Value, bool Bad)> figures)
    {
        html.Append("<div class=\"figures\">");
        foreach (var (label, value, bad) in figures)
            html.Append(CultureInfo.InvariantCulture,
                $"<div class=\"figure{(bad && value > 0 ? " bad" : "")}\"><b>{value:N0}</b><span>{Escape(label)}</span></div>");
        html.Append("</div>\n");
    }

    /// <param name="columns">A leading <c>#</c> marks a column of numbers.</param>
    public static void BeginTable(StringBuilder html, params IEnumerable<string> columns)
    {
        html.Append("<table>\n<thead><tr>");
        foreach (var column in columns)
            html.Append(CultureInfo.InvariantCulture, $"<th{(column.StartsWith('#') ? " class=\"n\"" : "")}>{Escape(column.TrimStart('#'))}</th>");
        html.Append("</tr></thead>\n<tbody>\n");
    }

    /// <param name="format">The format of the numbers.</param>
    public static void NumbersRow(StringBuilder html, string name, IEnumerable<double> numbers, string format)
    {
        html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Escape(name)}</td>");
        foreach (var number in numbers) html.Append("<td class=\"n\">").Append(number.ToString(format, CultureInfo.InvariantCulture)).Append("</td>");
        html.Append("</tr>\n");
    }

    public static void EndTable(StringBuilder html) => html.Append("</tbody>\n</table>\n");
}
