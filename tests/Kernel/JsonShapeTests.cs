using System.Text.Json.Nodes;

namespace Notify.Kernel.Tests;

public sealed class JsonShapeTests
{
    private enum Colour { Red, DarkBlue }

    private sealed record Part(string? Name, int Size = 1);

    private sealed record Body(
        string Name, Colour? Colour, DateTimeOffset? At, IReadOnlyList<Part>? Parts, IReadOnlyDictionary<string, string>? Labels, JsonObject? Any,
        bool? Flag = null, int Count = 3);

    [Fact]
    public void every_field_that_does_not_fit_is_named_with_what_is_allowed()
    {
        var errors = Check("""
            { "nmae": "x", "colour": "DarkBleu", "at": "yesterday", "parts": [ { "name": 5, "size": "big", "weight": 1 }, 7 ],
              "labels": { "a": 1 }, "any": [], "flag": "yes", "count": null }
            """);
        errors.Should().BeEquivalentTo(new Dictionary<string, string[]>
        {
            ["name"] = [JsonShape.Required],
            ["nmae"] = ["There is no field 'nmae'. Did you mean 'name'?"],
            ["colour"] = ["Give one of Red, DarkBlue. Did you mean 'DarkBlue'?"],
            ["at"] = [Instants.Wanted],
            ["parts[0].name"] = ["The value must be text."],
            ["parts[0].size"] = [$"Give a whole number from {int.MinValue} to {int.MaxValue}."],
            ["parts[0].weight"] = ["There is no field 'weight'. There are: name, size."],
            ["parts[1]"] = ["Give an object."],
            ["labels.a"] = ["The value must be text."],
            ["any"] = ["Give an object."],
            ["flag"] = ["Give true or false."],
            ["count"] = ["The value may not be null."],
        });
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"name":null}""")]
    public void what_it_cannot_do_without_is_missed(string body) =>
        Check(body).Should().ContainKey("name").WhoseValue.Should().Equal(JsonShape.Required);

    [Fact]
    public void what_fits_has_no_fault() =>
        Check("""{"name":"x","colour":"Red","at":"2026-01-31T08:00:00.123456789Z","parts":[{"name":null}],"labels":{"a":"b"},"any":{"x":[1]}}""").Should().BeEmpty();

    [Fact]
    public void two_hundred_thousand_unknown_fields_are_counted_and_not_compared()
    {
        var body = new JsonObject { ["name"] = "x" };
        for (var i = 0; i < 200_000; i++) body[$"k{i}"] = 1;
        var errors = new Errors();
        var before = GC.GetAllocatedBytesForCurrentThread();
        JsonShape.CheckBody(body, typeof(Body), errors);
        errors.LeftOut.Should().Be(200_000 - Errors.Most);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(50_000_000);
    }

    private static IDictionary<string, string[]> Check(string json)
    {
        var errors = new Errors();
        JsonShape.CheckBody(JsonNode.Parse(json)!.AsObject(), typeof(Body), errors);
        return errors.ToDictionary();
    }
}
